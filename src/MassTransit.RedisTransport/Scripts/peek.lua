--[[
  Read messages without leasing them.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] which state: 1 ready, 2 delayed, 3 leased
  ARGV[2] offset
  ARGV[3] how many at most, 1-1000
  ARGV[4] bytes of records at most; of a longer record only the length is read
  Returns {server time ms since 2024, 1 if there are more that did not fit, members, scores, records,
           failed deliveries so far}
]]
local messages, deliveries = KEYS[4], KEYS[5]
guard(1)
local zset = ARGV[1] == '1' and KEYS[1] or ARGV[1] == '2' and KEYS[2] or KEYS[3]
local first = tonumber(ARGV[2])
local page = redis.call('ZRANGE', zset, int(first), int(first + tonumber(ARGV[3]) - 1), 'WITHSCORES')
local members, scores, keys, records, counts, read = {}, {}, {}, {}, {}, 0
for i = 1, #page, 2 do keys[#keys + 1] = string.sub(page[i], 1, KEY_LENGTH) end
if #keys > 0 then
  records, read = read_records(messages, keys, tonumber(ARGV[4]), #keys * 256)
  for i = 1, read do
    members[i] = page[i * 2 - 1]
    scores[i] = page[i * 2]
  end
  counts = redis.call('HMGET', deliveries, unpack(keys, 1, read))
end
return {to_ms(clock()), read < #keys and 1 or 0, members, scores, records, counts}
