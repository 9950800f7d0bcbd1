--[[
  Store messages in one queue, ready at once or after a delay, each once even if the call is repeated.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] lane string: the number of this sender's last call that was applied, and what it returned
  KEYS[8..] token strings (one for each message that can be cancelled), then dedupe strings
  ARGV[1] call number of this sender, increasing
  ARGV[2] how long the lane is remembered, ms
  ARGV[3] 1: only if the queue exists (a temporary queue may be gone), 0: always
  ARGV[4] wake-up channel
  ARGV[5] number of messages n
  ARGV[6] number of cancellable messages t
  ARGV[7] number of deduplicated messages d
  ARGV[8..] n times: priority 0-255 + 256 * further messages in the record (0-255), delay ms, record; t times: message index from 1;
            d times: message index from 1, window ms
  Returns {code, 1 if the queue was created, index of a duplicate, ...}; code is the number of records stored,
          -1 if the queue is gone, -2 if this call was applied before (the rest is what it returned then),
          -3 if a later call was applied (this one is too late, or somebody else has written into the lane; nothing is stored)
]]
local ready, delayed, messages, meta, lane = KEYS[1], KEYS[2], KEYS[4], KEYS[6], KEYS[7]
local records = guard(1)
local call_number, count = tonumber(ARGV[1]), tonumber(ARGV[5])
local applied = redis.pcall('GET', lane)
-- A value that no sender can have written is ignored.
if type(applied) == 'string' and string.find(applied, '^%d+ [01][%d ]*$') then
  local before = {}
  for number in string.gmatch(applied, '%d+') do before[#before + 1] = whole(number, 0, #before == 0 and MOST or count, 0) end
  if before[1] == call_number then
    before[1] = -2
    -- This is a write, so that a sender which waits for replicas over a new connection waits for everything written before it.
    redis.call('PEXPIRE', lane, ARGV[2])
    return before
  end
  if before[1] > call_number then return {-3, 0} end
end

local state = redis.call('HMGET', meta, 'place', 'step', 'idle', 'waiting', 'counter', 'created')
local exists = state[6]
if ARGV[3] == '1' and not exists then return {-1, 0} end

local tokens, dedupes = tonumber(ARGV[6]), tonumber(ARGV[7])
local base = 8 + count * 3

local duplicate = nil
local reply = {0, exists and 0 or 1}
for i = 1, dedupes do
  local index = tonumber(ARGV[base + tokens + (i - 1) * 2])
  local window = ARGV[base + tokens + (i - 1) * 2 + 1]
  if not redis.call('SET', KEYS[7 + tokens + i], '1', 'NX', 'PX', window) then
    duplicate = duplicate or {}
    duplicate[index] = true
    reply[#reply + 1] = index
  end
end

local now = clock()
local place, unknown = place_of(state[1], now, records)
local counter = whole(state[5], 0, COUNTERS - 1, nil)
if not counter then
  counter, unknown = now % COUNTERS, records > 0
end
local step, idle = step_of(state[2]), idle_of(state[3])
local now_ms = to_ms(now)
local ready_args, delayed_args, stored, keys = {}, {}, {}, {}
local earliest = nil
local packed, packed_delayed = 0, 0

for i = 1, count do
  if not (duplicate and duplicate[i]) then
    local at = 8 + (i - 1) * 3
    local priority, delay, extra = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), 0
    if priority > 255 then
      extra = math.floor(priority / 256)
      priority = priority % 256
      packed = packed + extra
      if delay > 0 then packed_delayed = packed_delayed + extra end
    end
    local key
    if delay > 0 then
      counter = (counter + 1) % COUNTERS
      key = free_key(messages, unknown, priority, now + delay * 1000, counter, extra)
      local due = now_ms + delay
      delayed_args[#delayed_args + 1] = int(due)
      delayed_args[#delayed_args + 1] = key
      if not earliest or due < earliest then earliest = due end
    else
      key, place = free_key(messages, unknown, priority, place + 1, 0, extra)
      ready_args[#ready_args + 1] = int(place - priority * step)
      ready_args[#ready_args + 1] = key
    end
    keys[i] = key
    stored[#stored + 1] = key
    stored[#stored + 1] = ARGV[at + 2]
  end
end

local must_wake = #ready_args > 0
if earliest and not must_wake then
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  must_wake = #first == 0 or score_number(first[2]) > earliest
end

if #stored > 0 then
  call_sliced('HSET', messages, stored, 2)
  if #ready_args > 0 then call_sliced('ZADD', ready, ready_args, 2) end
  if #delayed_args > 0 then call_sliced('ZADD', delayed, delayed_args, 2) end
end
for i = 1, tokens do
  local index = tonumber(ARGV[base + i - 1])
  if keys[index] then
    -- The token lives an hour longer than the delay, so that a late cancel still finds a message which no consumer has taken yet.
    redis.call('SET', KEYS[7 + i], keys[index], 'PX', int(tonumber(ARGV[8 + (index - 1) * 3 + 1]) + 3600000))
  end
end

if not exists then
  idle = '0'
  redis.call('HSET', meta, 'created', int(now_ms), 'idle', idle)
end
redis.call('HSET', meta, 'place', int(place), 'counter', int(counter))
add(meta, 'sent', #stored / 2 + packed)
add(meta, 'packed', packed)
add(meta, 'packed_delayed', packed_delayed)
redis.call('SET', lane, ARGV[1] .. ' ' .. table.concat(reply, ' ', 2), 'PX', ARGV[2])
expire_with(1, idle)
if must_wake then wake(meta, state[4], ARGV[4]) end
reply[1] = math.floor(#stored / 2)
return reply
