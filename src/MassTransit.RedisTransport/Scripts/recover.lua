--[[
  Find the messages that a lease call took if its reply was lost, so that nobody has to wait until the lease expires. The
  records are fetched afterwards, in smaller parts than the lost reply.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease token of the lost call
  ARGV[2] earliest lease end that call can have set, ms
  ARGV[3] how many leases to skip (leases are looked through 1,000 at a time)
  Returns {server time ms since 2024, 1 if there are more leases to look through, 1 if the queue is declared,
           keys, failed deliveries so far (empty if none has any)}
]]
local leased, deliveries, meta = KEYS[3], KEYS[5], KEYS[6]
local _, _, failed = guard(1)
local page = redis.call('ZRANGEBYSCORE', leased, ARGV[2], '+inf', 'LIMIT', ARGV[3], 1000)
local suffix = ':' .. ARGV[1]
local keys, counts = {}, {}
for i = 1, #page do
  local key = string.sub(page[i], 1, KEY_LENGTH)
  if string.sub(page[i], KEY_LENGTH + 1) == suffix and is_key(key) then keys[#keys + 1] = key end
end
if #keys > 0 and failed > 0 then counts = redis.call('HMGET', deliveries, unpack(keys)) end
local declared = redis.call('HEXISTS', meta, 'declared')
return {to_ms(clock()), #page == 1000 and 1 or 0, declared, keys, counts}
