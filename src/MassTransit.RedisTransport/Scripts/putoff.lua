--[[
  Replace a leased message by a new, delayed message with a new record. The new message has no failed deliveries, and its
  place is its due time. This works on a server that has reached its memory limit, which refuses a delayed send.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease member
  ARGV[2] delay, ms
  ARGV[3] new record
  ARGV[4] wake-up channel
  Returns 1 put off, 0 the lease was lost, 2 the message is gone (if this call is a repetition, the first call put it off;
          otherwise another owner has settled or moved it)
]]
local delayed, leased, messages, deliveries, meta = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local _, _, _, grouped = guard(1)
local key = string.sub(ARGV[1], 1, KEY_LENGTH)
if not redis.call('ZSCORE', leased, ARGV[1]) then
  if redis.call('HEXISTS', messages, key) == 1 then return 0 end
  return 2
end
local state = redis.call('HMGET', meta, 'idle', 'waiting', 'counter')
local now = clock()
local delay = math.max(0, tonumber(ARGV[2]))
local due = to_ms(now) + delay
local counter = (whole(state[3], 0, COUNTERS - 1, now % COUNTERS) + 1) % COUNTERS
local extra, idle = extra_of(key), idle_of(state[1])
local later = free_key(messages, true, priority_of(key), now + delay * 1000, counter, extra)
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
local must_wake = #first == 0 or score_number(first[2]) > due
redis.call('ZREM', leased, ARGV[1])
redis.call('HDEL', messages, key)
redis.call('HDEL', deliveries, key)
redis.call('HSET', messages, later, ARGV[3])
redis.call('ZADD', delayed, int(due), later)
redis.call('HSET', meta, 'counter', int(counter))
add(meta, 'packed', extra)
add(meta, 'packed_delayed', extra)
add(meta, 'packed_leased', -extra)
if grouped then leave(meta, {key}, 0) end
expire(1, idle)
if must_wake then wake(meta, state[2], ARGV[4]) end
return 1
