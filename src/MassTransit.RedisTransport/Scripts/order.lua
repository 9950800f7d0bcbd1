--[[
  Pause, resume or cancel an operation, or change its rate, from any process.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] operation hash
  ARGV[1] pause, resume, cancel or rate
  ARGV[2] why, or the rate (nothing: as fast as possible)
  Returns 1, or 0 if there is no such operation or it has ended
]]
local meta, operation = KEYS[6], KEYS[7]
guard(1)
local state = redis.call('HMGET', operation, 'state', 'looks')
if not state[1] or not (ACTIVE[state[1]] or state[1] == 'Paused') then return 0 end
local now = int(to_ms(clock()))
allow_when_full(1)
redis.call('HSET', operation, 'updated', now)
if ARGV[1] == 'cancel' then
  finish(operation, meta, 'Cancelled', ARGV[2])
elseif ARGV[1] == 'rate' then
  redis.call('HSET', operation, 'rate', ARGV[2])
elseif ARGV[1] == 'pause' then
  redis.call('HSET', operation, 'state', 'Paused', 'because', ARGV[2])
elseif state[1] == 'Paused' then
  -- An operation that was looking at its canary goes on looking.
  local looks = whole(state[2], 0, MOST, 0) > tonumber(now)
  redis.call('HSET', operation, 'state', looks and 'Canary' or 'Running', 'because', '')
end
return 1
