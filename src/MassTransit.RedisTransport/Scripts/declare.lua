--[[
  Create a queue or change its settings.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] head start that one step of priority gives, us, 0: strict
  ARGV[2] idle time after which the queue deletes itself, ms, 0: never
  Returns 1 created, 0 it existed
]]
local meta = KEYS[6]
guard(1)
allow_when_full(1)
local created = redis.call('HSETNX', meta, 'created', int(to_ms(clock())))
redis.call('HSET', meta, 'declared', '1', 'step', ARGV[1], 'idle', ARGV[2])
if ARGV[2] == '0' then
  persist(1)
else
  expire(1, ARGV[2])
end
return created
