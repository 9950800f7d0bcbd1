--[[
  Count the messages of a queue, of which several may share a record, and its receivers, and measure how long its oldest ready
  message has waited, in constant time. Looks at 16 messages at most: in a queue of strict priorities at the oldest message of
  each of the 16 highest priorities in use, in a queue that ages its messages at the next 16.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] receivers zset, by their last beats, ms since 2024
  ARGV[1] after which silence a receiver counts as dead, ms
  Returns {ready, delayed, leased, records, 1 when the queue exists, sent, completed, moved, reclaimed,
           removed, cancelled, how long the oldest ready message has waited in ms, or -1 if there is none, receivers that live,
           server time ms since 2024, 1 when it is paused, its limit or 0, the version of what operators set}
]]
local ready, meta = KEYS[1], KEYS[6]
guard(1)
local LOOKS = 16
local state = redis.call('HMGET', meta, 'created', 'sent', 'completed', 'moved', 'reclaimed', 'removed', 'cancelled',
  'packed', 'packed_delayed', 'packed_leased', 'step', 'paused', 'until', 'limit', 'control')
local function counter(i) return whole(state[i], 0, MOST, 0) end
local step = step_of(state[11])
local now = clock()
local oldest = nil
local function look_at(key)
  local place = is_key(key) and tonumber(sub(key, 3, 15), 16)
  if place and (not oldest or place < oldest) then oldest = place end
end

if step == STRICT then
  local after = '-inf'
  for _ = 1, LOOKS do
    local found = redis.call('ZRANGEBYSCORE', ready, after, '+inf', 'LIMIT', 0, 1)
    if #found == 0 then break end
    look_at(found[1])
    local priority = priority_of(found[1])
    if priority == 0 then break end
    -- The next search begins behind every message of this priority that can have arrived by now.
    after = '(' .. int(now - priority * step)
  end
else
  local found = redis.call('ZRANGE', ready, 0, LOOKS - 1)
  for i = 1, #found do look_at(found[i]) end
end

local packed, packed_delayed, packed_leased = unpacked(state, 8)
return {redis.call('ZCARD', ready) + packed, redis.call('ZCARD', KEYS[2]) + packed_delayed, redis.call('ZCARD', KEYS[3]) + packed_leased,
  redis.call('HLEN', KEYS[4]), state[1] and 1 or 0,
  counter(2), counter(3), counter(4), counter(5), counter(6), counter(7),
  oldest and math.max(0, to_ms(now - oldest)) or -1, redis.call('ZCOUNT', KEYS[7], int(to_ms(now) - tonumber(ARGV[1])), '+inf'), to_ms(now),
  state[12] and pause_of(state[12], state[13], to_ms(now)) and 1 or 0, set_of(state[14]),
  whole(state[15], 0, MOST, 0)}
