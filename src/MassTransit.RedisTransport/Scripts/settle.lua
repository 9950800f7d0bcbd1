--[[
  Remove messages whose consumers have succeeded, if their leases still hold.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1..] lease members (message key, colon, lease token)
  Returns {index from 1 of a lease that was lost, or the index negated where the message is gone altogether, ...}.
          A message that is gone was settled by this very call when the call is a repetition, by another owner otherwise.
]]
local leased, messages, deliveries, meta = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
guard(1)
local scores = redis.call('ZMSCORE', leased, unpack(ARGV))
local owned, keys, lost = {}, {}, {}
for i = 1, #ARGV do
  local key = string.sub(ARGV[i], 1, KEY_LENGTH)
  if scores[i] then
    owned[#owned + 1] = ARGV[i]
    keys[#keys + 1] = key
  elseif redis.call('HEXISTS', messages, key) == 1 then
    lost[#lost + 1] = i
  else
    lost[#lost + 1] = -i
  end
end
if #owned > 0 then
  -- What the removal returned: a lease named twice in one call is one message.
  local completed = redis.call('ZREM', leased, unpack(owned))
  redis.call('HDEL', messages, unpack(keys))
  if redis.call('EXISTS', deliveries) == 1 then redis.call('HDEL', deliveries, unpack(keys)) end
  redis.call('HINCRBY', meta, 'completed', int(completed))
end
return lost
