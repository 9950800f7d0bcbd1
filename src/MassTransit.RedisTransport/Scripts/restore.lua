--[[
  Put records of the trash back into the dead-letter queue that they came from, each to its old place.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] trash hash    KEYS[8] times of the trash zset
  ARGV[1] wake-up channel
  ARGV[2..] for each message: key, failure group (nothing: it is counted in none yet), title, 1 if it was replayed before
  Returns the number of messages put back, of which several may share a record; those that are in the trash no more are
          skipped
]]
local ready, messages, meta = KEYS[1], KEYS[4], KEYS[6]
local trash, times = KEYS[7], KEYS[8]
local _, _, _, grouped = guard(1)
local state = redis.call('HMGET', meta, 'step', 'idle', 'waiting', 'created')
local step, idle = step_of(state[1]), idle_of(state[2])
local now = clock()
redis.call('ZCARD', times)
local restored, extra, bytes = 0, 0, 0
for i = 2, #ARGV, 4 do
  local key = ARGV[i]
  local record = is_key(key) and redis.call('HGET', trash, key)
  if record then
    redis.call('HDEL', trash, key)
    redis.call('ZREM', times, key)
    bytes = bytes + #record
    if redis.call('HSETNX', messages, key, record) == 1 then
      redis.call('ZADD', ready, score_of(key, step), key)
      if ARGV[i + 1] ~= '' then
        if not grouped then
          begin_groups(meta)
          grouped = true
        end
        local ms = to_ms(now)
        local group = join(meta, key, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3] == '1', ms)
        redis.call('HSET', meta, 'last:' .. group, int(ms) .. ' ' .. key)
      end
      restored = restored + 1
      extra = extra + extra_of(key)
    end
  end
end
if bytes > 0 then add(trash, 'bytes', -bytes) end
if restored > 0 then
  if not state[4] then redis.call('HSET', meta, 'created', int(to_ms(now)), 'idle', '0') end
  add(meta, 'sent', restored + extra)
  add(meta, 'packed', extra)
  expire_with(1, idle)
  wake(meta, state[3], ARGV[1])
end
return math.floor(restored + extra)
