--[[
  Move one leased message to another queue of the same tag, with a new record, keeping its priority. In the target it is
  counted in the group of its failure, and by the operation that had replayed it.
  KEYS[1] ready zset     KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash  KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] target ready zset     KEYS[8] target delayed zset     KEYS[9] target leased zset
  KEYS[10] target messages hash KEYS[11] target deliveries hash KEYS[12] target meta hash
  KEYS[13] operation hash
  ARGV[1] lease member
  ARGV[2] wake-up channel of the target
  ARGV[3] new record
  ARGV[4] failure group, or nothing: it is counted in none
  ARGV[5] the group's title, if it is a new one
  ARGV[6] 1: the message was replayed before
  ARGV[7] 1: the operation has replayed it
  Returns 1 moved, 0 the lease was lost, 2 the message is gone (if this call is a repetition, the first call moved it;
          otherwise another owner has settled or moved it)
]]
local leased, messages, deliveries, meta = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local target_ready, target_messages, target_meta = KEYS[7], KEYS[10], KEYS[12]
local _, _, _, grouped = guard(1)
local records, _, _, target_grouped = guard(7)
local key = string.sub(ARGV[1], 1, KEY_LENGTH)
if not redis.call('ZSCORE', leased, ARGV[1]) then
  if redis.call('HEXISTS', messages, key) == 1 then return 0 end
  return 2
end
local state = redis.call('HMGET', target_meta, 'place', 'step', 'idle', 'waiting', 'created')
local replayed = ARGV[7] == '1' and type(redis.pcall('HGET', KEYS[13], 'state')) == 'string'
local now = clock()
local last, unknown = place_of(state[1], now, records)
local extra = extra_of(key)
local moved, place = free_key(target_messages, unknown, priority_of(key), last + 1, 0, extra)
local score, idle = score_of(moved, step_of(state[2])), idle_of(state[3])
redis.call('ZREM', leased, ARGV[1])
redis.call('HDEL', messages, key)
redis.call('HDEL', deliveries, key)
add(meta, 'moved', 1 + extra)
add(meta, 'packed_leased', -extra)
if grouped then leave(meta, {key}, 1 + extra) end
redis.call('HSET', target_messages, moved, ARGV[3])
redis.call('ZADD', target_ready, score, moved)
if ARGV[4] == '' then
  redis.call('HSET', target_meta, 'place', int(place))
else
  if not target_grouped then begin_groups(target_meta) end
  local group = join(target_meta, moved, ARGV[4], ARGV[5], ARGV[6] == '1', to_ms(now))
  redis.call('HSET', target_meta, 'place', int(place), 'last:' .. group, int(to_ms(now)) .. ' ' .. moved)
end
if replayed then add(KEYS[13], 'failed', 1 + extra) end
if not state[5] then redis.call('HSET', target_meta, 'created', int(to_ms(now)), 'idle', '0') end
add(target_meta, 'sent', 1 + extra)
add(target_meta, 'packed', extra)
expire_with(7, idle)
wake(target_meta, state[4], ARGV[2])
return 1
