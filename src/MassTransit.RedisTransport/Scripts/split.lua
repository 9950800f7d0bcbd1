--[[
  Replace a leased record that holds many messages by one record for each message that is not done. The same owner leases
  the new records. The messages that are done are counted as completed.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease member
  ARGV[2] lease, ms
  ARGV[3] how many failed deliveries a new record has at most, because the count of the whole record is not its own
  ARGV[4..] records, at most 256
  Returns {1, keys of the new records in their order}, or {0} if the lease was lost or the message is gone; a repetition
          returns the records that the first call made
]]
local leased, messages, deliveries, meta = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local _, _, _, grouped = guard(1)
local member = ARGV[1]
local key = string.sub(member, 1, KEY_LENGTH)
local suffix = string.sub(member, KEY_LENGTH + 1)
-- A member that is no key has no lease.
if not is_key(key) then return {0} end
local priority, place = priority_of(key), tonumber(string.sub(key, 3, 15), 16)
if not redis.call('ZSCORE', leased, member) then
  local made = {}
  for i = 4, #ARGV do
    local part = make_key(priority, place, i - 3, 0)
    if not redis.call('ZSCORE', leased, part .. suffix) then return {0} end
    made[#made + 1] = part
  end
  return {1, made}
end
allow_when_full(1)
local failed = math.min(whole(redis.call('HGET', deliveries, key), 1, MOST_DELIVERIES, 0), tonumber(ARGV[3]))
local idle = idle_of(redis.call('HGET', meta, 'idle'))
local extra = extra_of(key)
local lease_end = int(to_ms(clock()) + tonumber(ARGV[2]))
redis.call('ZREM', leased, member)
redis.call('HDEL', messages, key)
redis.call('HDEL', deliveries, key)
local keys = {}
local counter = 0
for i = 4, #ARGV do
  -- The part keeps the place of the whole record and gets a counter of its own. A counter that is in use by another message delayed to the
  -- same instant is passed over.
  local part
  repeat
    counter = (counter + 1) % COUNTERS
    part = make_key(priority, place, counter, 0)
  until redis.call('HSETNX', messages, part, ARGV[i]) == 1
  redis.call('ZADD', leased, lease_end, part .. suffix)
  if failed > 0 then redis.call('HSET', deliveries, part, int(failed)) end
  keys[#keys + 1] = part
end
add(meta, 'packed_leased', -extra)
add(meta, 'completed', 1 + extra - #keys)
if grouped then leave(meta, {key}, 1 + extra - #keys) end
expire(1, idle)
return {1, keys}
