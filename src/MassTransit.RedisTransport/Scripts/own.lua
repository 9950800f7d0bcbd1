--[[
  Own an operation, or keep owning it, for a while; say what became of it; give it back. Only one process owns it, and
  another one can when the time of the last owner is over.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] operation hash
  ARGV[1] token of the process
  ARGV[2] for how long, ms, 0: give it back
  ARGV[3] the process, for people
  ARGV[4] new state, or nothing: as before
  ARGV[5] why
  ARGV[6] how long the operation looks at its canary from now on, ms, or nothing
  ARGV[7..] fields to read
  Returns {1 the process owns it, 0 it does not, server time ms since 2024, values of the fields}; the operation may have
          ended, or be stopped by its brake in this call
]]
local meta, operation = KEYS[6], KEYS[7]
guard(1)
local now = to_ms(clock())
local state = redis.call('HMGET', operation, 'state', 'owner', 'until')
local mine = state[2] == ARGV[1]
local owned = state[2] and state[2] ~= '' and whole(state[3], 0, MOST, 0) > now
if state[1] and (ACTIVE[state[1]] or state[1] == 'Paused') and (mine or not owned) then
  allow_when_full(1)
  if ARGV[2] == '0' then
    if mine then redis.call('HSET', operation, 'owner', '', 'name', '', 'until', '0') end
    mine = false
  else
    if not mine and state[2] and state[2] ~= '' then add(operation, 'taken', 1) end
    redis.call('HSET', operation, 'owner', ARGV[1], 'name', ARGV[3], 'until', int(now + tonumber(ARGV[2])))
    if mine and ARGV[4] ~= '' and ACTIVE[state[1]] then
      if ACTIVE[ARGV[4]] then
        redis.call('HSET', operation, 'state', ARGV[4], 'because', ARGV[5], 'updated', int(now))
      else
        redis.call('HSET', operation, 'updated', int(now))
        finish(operation, meta, ARGV[4], ARGV[5])
      end
      if ARGV[6] ~= '' then redis.call('HSET', operation, 'looks', int(now + tonumber(ARGV[6]))) end
    end
    braked(operation, meta)
    mine = true
  end
else
  mine = false
end
return {mine and 1 or 0, now, redis.call('HMGET', operation, unpack(ARGV, 7))}
