--[[
  Move waiting messages (usually dead letters) to another queue of the same tag, keeping their priority.
  KEYS[1] ready zset     KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash  KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] target ready zset     KEYS[8] target delayed zset     KEYS[9] target leased zset
  KEYS[10] target messages hash KEYS[11] target deliveries hash KEYS[12] target meta hash
  ARGV[1] wake-up channel of the target
  ARGV[2..] pairs: message key, new record
  Returns the number of messages moved, of which several may share a record; messages that no longer wait are skipped
]]
local ready, messages, deliveries, meta = KEYS[1], KEYS[4], KEYS[5], KEYS[6]
local target_ready, target_messages, target_meta = KEYS[7], KEYS[10], KEYS[12]
guard(1)
local records = guard(7)
local state = redis.call('HMGET', target_meta, 'place', 'step', 'idle', 'waiting', 'created')
local step, idle = step_of(state[2]), idle_of(state[3])
local now = clock()
local place, unknown = place_of(state[1], now, records)
local moved, extra = 0, 0
for i = 2, #ARGV, 2 do
  local key = ARGV[i]
  if redis.call('ZREM', ready, key) == 1 then
    local target
    target, place = free_key(target_messages, unknown, priority_of(key), place + 1, 0, extra_of(key))
    extra = extra + extra_of(key)
    redis.call('HDEL', messages, key)
    redis.call('HDEL', deliveries, key)
    redis.call('HSET', target_messages, target, ARGV[i + 1])
    redis.call('ZADD', target_ready, score_of(target, step), target)
    moved = moved + 1
  end
end
if moved > 0 then
  add(meta, 'moved', moved + extra)
  add(meta, 'packed', -extra)
  redis.call('HSET', target_meta, 'place', int(place))
  if not state[5] then redis.call('HSET', target_meta, 'created', int(to_ms(now)), 'idle', '0') end
  add(target_meta, 'sent', moved + extra)
  add(target_meta, 'packed', extra)
  expire_with(7, idle)
  wake(target_meta, state[4], ARGV[1])
end
return math.floor(moved + extra)
