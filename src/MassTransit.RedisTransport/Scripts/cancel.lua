--[[
  Cancel a scheduled message that no receiver has taken yet.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] token string that names the message
  ARGV[1] id of this call; a repetition of it gets the reply of the first one
  ARGV[2] how long a cancelled token remembers that, ms
  Returns 1 cancelled, 0 the message is gone or is leased
]]
local ready, delayed, messages, deliveries, meta, token = KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local _, _, _, grouped = guard(1)
local key = redis.call('GET', token)
if key == '-' .. ARGV[1] then return 1 end
-- A value that is no key names no message of this queue.
if not key or not is_key(key) then return 0 end
local extra = extra_of(key)
local was_delayed = redis.call('ZREM', delayed, key) == 1
if not was_delayed and redis.call('ZREM', ready, key) == 0 then return 0 end
redis.call('HDEL', messages, key)
redis.call('HDEL', deliveries, key)
redis.call('SET', token, '-' .. ARGV[1], 'PX', ARGV[2])
add(meta, 'cancelled', 1 + extra)
add(meta, 'packed', -extra)
if grouped then leave(meta, {key}, 1 + extra) end
if was_delayed then add(meta, 'packed_delayed', -extra) end
return 1
