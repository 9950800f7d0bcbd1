--[[
  Give leased messages back, each to its old place, at once or after a delay.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] delay, ms, 0: at once
  ARGV[2] 1: counts as a failed delivery, 0: does not, 2: does not, but a count of 0 is shown to the next receiver
  ARGV[3] wake-up channel
  ARGV[4..] lease members
  Returns {index from 1 of a lease that was lost, ...}
]]
local ready, delayed, leased, deliveries, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[6]
guard(1)
local members = {unpack(ARGV, 4)}
local scores = redis.call('ZMSCORE', leased, unpack(members))
local state = redis.call('HMGET', meta, 'step', 'idle', 'waiting')
local step, idle = step_of(state[1]), idle_of(state[2])
local delay = tonumber(ARGV[1])
local due = int(to_ms(clock()) + delay)
local owned, back, keys, lost, seen = {}, {}, {}, {}, {}
for i = 1, #members do
  if scores[i] and not seen[members[i]] then
    seen[members[i]] = true
    local key = string.sub(members[i], 1, KEY_LENGTH)
    owned[#owned + 1] = members[i]
    keys[#keys + 1] = key
    back[#back + 1] = delay > 0 and due or score_of(key, step)
    back[#back + 1] = key
  else
    lost[#lost + 1] = i
  end
end
if #owned > 0 then
  local raised = {}
  if ARGV[2] ~= '0' then
    local more = ARGV[2] == '1' and 1 or 0
    local before = redis.call('HMGET', deliveries, unpack(keys))
    for i = 1, #keys do
      raised[#raised + 1] = keys[i]
      raised[#raised + 1] = int(whole(before[i], 0, MOST_DELIVERIES, 0) + more)
    end
  end
  redis.call('ZREM', leased, unpack(owned))
  local extra = extra_in(keys, 1, 1)
  add(meta, 'packed', extra)
  if delay > 0 then add(meta, 'packed_delayed', extra) end
  add(meta, 'packed_leased', -extra)
  call_sliced('ZADD', delay > 0 and delayed or ready, back, 2)
  if #raised > 0 then call_sliced('HSET', deliveries, raised, 2) end
  expire(1, idle)
  wake(meta, state[3], ARGV[3])
end
return lost
