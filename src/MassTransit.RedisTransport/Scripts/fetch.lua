--[[
  Read the records of given messages, as many as fit. A record that is larger than the limit is read in parts.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] bytes at most
  ARGV[2] bytes of the first record to skip
  ARGV[3..] message keys
  Returns {length of the first record or -1 if it is missing, as much of the first record as fits after the skipped bytes,
           further whole records (false if they are missing), ...}
]]
local messages = KEYS[4]
guard(1)
local budget, skip = tonumber(ARGV[1]), tonumber(ARGV[2])
local keys = {unpack(ARGV, 3)}
local first = redis.call('HGET', messages, keys[1])
if not first then return {-1} end
if skip > 0 or #first > budget then return {#first, string.sub(first, skip + 1, skip + budget)} end
local reply, bytes = {#first, first}, #first
if #keys > 1 then
  -- If the first of these does not fit, read_records returns its length, which is of no use here.
  local records, n = read_records(messages, {unpack(keys, 2)}, budget - bytes, #keys * 256)
  for i = 1, n do
    if type(records[i]) == 'number' then break end
    reply[#reply + 1] = records[i]
  end
end
return reply
