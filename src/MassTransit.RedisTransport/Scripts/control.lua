--[[
  Read or change what operators have set for a queue: a pause, a limit, a rate, the number of workers. The numbers stand in
  the meta hash, where the lease script reads them; who has set them and why stands in a hash beside it.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] control hash
  ARGV[1] read, pause, resume, limit, rate, workers, or reset (limit, rate and workers together)
  ARGV[2] pause: its duration, ms, 0: until it is resumed; limit, rate, workers: the number, 0: none; otherwise 0
  ARGV[3] who
  ARGV[4] why
  ARGV[5] id of the change; a repetition of the last change does nothing and returns what the first call did
  ARGV[6] wake-up channel
  Returns {code, server time ms since 2024, paused since ms or 0, paused until ms or 0, limit, rate, workers (0: none), version,
           changed at ms or 0, paused by, reason of the pause, changed by, messages leased, 1 if a receiver waits for
           messages}, all but the time and the last two as they were before; code is 1, 0 if there is no such queue, -1 if it
           deletes itself and nothing was changed
]]
local meta, control = KEYS[6], KEYS[7]
guard(1)
local what, number = ARGV[1], tonumber(ARGV[2])
local state = redis.call('HMGET', meta, 'created', 'idle', 'paused', 'until', 'limit', 'rate', 'workers', 'control', 'packed_leased',
  'waiting')
local texts = redis.call('HMGET', control, 'paused_by', 'paused_why', 'changed_by', 'changed', 'id', 'before', 'before_paused_by',
  'before_paused_why', 'before_changed_by')
local now = to_ms(clock())
local leased = redis.call('ZCARD', KEYS[3]) + whole(state[9], 0, MOST, 0)
local since, ends = pause_of(state[3], state[4], now)
local version = whole(state[8], 1, MOST, 0)
-- Texts that a queue of the same name has left behind say nothing of this one.
if version == 0 then texts = {} end
local before = {since or 0, ends or 0, set_of(state[5]), set_of(state[6]), set_of(state[7]), version, whole(texts[4], 0, MOST, 0)}
local by, why, changed_by = since and texts[1] or '', since and texts[2] or '', texts[3] or ''

local function reply(code, numbers, a, b, c)
  return {code, now, numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], a, b, c, math.floor(leased),
    state[10] == '1' and 1 or 0}
end

if not state[1] then return reply(0, before, by, why, changed_by) end
if what == 'read' then return reply(1, before, by, why, changed_by) end
if texts[5] == ARGV[5] and texts[6] then
  local first = {}
  for n in string.gmatch(texts[6], '%d+') do first[#first + 1] = whole(n, 0, MOST, 0) end
  if #first == #before then return reply(1, first, texts[7] or '', texts[8] or '', texts[9] or '') end
end
if (number > 0 or what == 'pause') and idle_of(state[2]) ~= '0' then return reply(-1, before, by, why, changed_by) end

-- Where a number stands in what was before.
local AT = {limit = 3, rate = 4, workers = 5}
local changes = true
if what == 'resume' then
  changes = since ~= nil
elseif what == 'reset' then
  changes = before[3] + before[4] + before[5] > 0
elseif AT[what] then
  changes = before[AT[what]] ~= number
end
if not changes then return reply(1, before, by, why, changed_by) end

allow_when_full(1)
if what == 'pause' then
  redis.call('HSET', meta, 'paused', int(since or now), 'waiting', '0')
  if number > 0 then
    redis.call('HSET', meta, 'until', int(now + number))
  else
    redis.call('HDEL', meta, 'until')
  end
  redis.call('HSET', control, 'paused_by', ARGV[3], 'paused_why', ARGV[4])
elseif what == 'resume' then
  redis.call('HDEL', meta, 'paused', 'until')
  redis.call('HDEL', control, 'paused_by', 'paused_why')
elseif what == 'reset' then
  redis.call('HDEL', meta, 'limit', 'rate', 'tokens', 'refilled', 'workers')
else
  if what == 'rate' then redis.call('HDEL', meta, 'tokens', 'refilled') end
  if number > 0 then
    redis.call('HSET', meta, what, int(number))
  else
    redis.call('HDEL', meta, what)
  end
end
local numbers = {}
for i = 1, #before do numbers[i] = int(before[i]) end
redis.call('HSET', meta, 'control', int(version % MOST + 1))
redis.call('HSET', control, 'changed', int(now), 'changed_by', ARGV[3], 'changed_why', ARGV[4], 'id', ARGV[5],
  'before', table.concat(numbers, ' '), 'before_paused_by', by, 'before_paused_why', why, 'before_changed_by', changed_by)
-- Receivers that sleep or have no room look at once. Without the right to publish they look within a second.
redis.pcall('PUBLISH', ARGV[6], 'control')
return reply(1, before, by, why, changed_by)
