--[[
  Read the given messages, if they are waiting.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] bytes of records at most; at least one message is read, and of a longer one only the length
  ARGV[2..] message keys
  Returns {number of keys looked at, keys, scores, records}
]]
local ready, messages = KEYS[1], KEYS[4]
guard(1)
local max_bytes = tonumber(ARGV[1])
local keys, scores, records, bytes, looked = {}, {}, {}, 0, 0
for i = 2, #ARGV do
  local score = redis.call('ZSCORE', ready, ARGV[i])
  if score then
    local record = redis.call('HGET', messages, ARGV[i])
    local length = record and #record or 0
    if #keys > 0 and bytes + length > max_bytes then break end
    keys[#keys + 1] = ARGV[i]
    scores[#scores + 1] = score
    records[#records + 1] = length > max_bytes and length or record
    bytes = bytes + length
  end
  looked = looked + 1
end
return {looked, keys, scores, records}
