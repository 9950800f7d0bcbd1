--[[
  Keep a queue that deletes itself alive for one more idle time.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  Returns 1 touched, 0 the queue is not declared (deleted, the server lost its data, or its settings cannot be read)
]]
local meta = KEYS[6]
guard(1)
local state = redis.call('HMGET', meta, 'declared', 'idle')
if not state[1] or not declared_idle(state[2]) then return 0 end
expire(1, idle_of(state[2]))
return 1
