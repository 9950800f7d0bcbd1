--[[
  Extend leases whose consumers are still at work.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease from now, ms
  ARGV[2..] lease members
  Returns {index from 1 of a lease that was lost, ...}
]]
local leased, meta = KEYS[3], KEYS[6]
guard(1)
allow_when_full(1)
local members = {unpack(ARGV, 2)}
local scores = redis.call('ZMSCORE', leased, unpack(members))
local lease_end = int(to_ms(clock()) + tonumber(ARGV[1]))
local renewed, lost = {}, {}
for i = 1, #members do
  if scores[i] then
    renewed[#renewed + 1] = lease_end
    renewed[#renewed + 1] = members[i]
  else
    lost[#lost + 1] = i
  end
end
if #renewed > 0 then
  call_sliced('ZADD', leased, renewed, 2)
  local state = redis.call('HMGET', meta, 'idle', 'suspects')
  clear(meta, state[2], members)
  expire(1, idle_of(state[1]))
end
return lost
