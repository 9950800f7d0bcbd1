--[[
  Look for records that are in no set, and lease them to the caller, because no consumer would ever get them. A record under
  a key that no script wrote gets a valid key. A message that is being sent, moved or split is never found, because every
  script is atomic.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease token
  ARGV[2] lease, ms
  ARGV[3] cursor of the scan, 0: from the beginning
  ARGV[4] about how many records to look at
  Returns {server time ms since 2024, next cursor or 0 at the end, keys leased}
]]
local ready, delayed, leased, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
guard(1)
local now = clock()
local scanned = redis.call('HSCAN', messages, ARGV[3], 'COUNT', ARGV[4])
local fields, values = {}, {}
for i = 1, #scanned[2], 2 do
  local field = scanned[2][i]
  if not redis.call('ZSCORE', ready, field) and not redis.call('ZSCORE', delayed, field) then
    fields[#fields + 1] = field
    values[#values + 1] = scanned[2][i + 1]
  end
end
local keys = {}
if #fields > 0 then
  local held = {}
  local members = redis.call('ZRANGE', leased, 0, -1)
  for i = 1, #members do held[string.sub(members[i], 1, KEY_LENGTH)] = true end
  local idle = idle_of(redis.call('HGET', meta, 'idle'))
  local lease_end = int(to_ms(now) + tonumber(ARGV[2]))
  local extra = 0
  for i = 1, #fields do
    if not held[fields[i]] then
      local key = fields[i]
      allow_when_full(1)
      if not is_key(key) then
        key = free_key(messages, true, 0, now, i % COUNTERS, 0)
        redis.call('HDEL', messages, fields[i])
        redis.call('HDEL', deliveries, fields[i])
        redis.call('HSET', messages, key, values[i])
      end
      redis.call('ZADD', leased, lease_end, key .. ':' .. ARGV[1])
      extra = extra + extra_of(key)
      keys[#keys + 1] = key
    end
  end
  if #keys > 0 then
    add(meta, 'packed_leased', extra)
    expire(1, idle)
  end
end
return {to_ms(now), scanned[1], keys}
