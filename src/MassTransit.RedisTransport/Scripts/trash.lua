--[[
  Read records of the trash of a dead-letter queue: the given ones, or the newest.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] trash hash    KEYS[8] times of the trash zset
  ARGV[1] how long records stay in the trash, ms
  ARGV[2] bytes of records at most; at least one record is read, and of a longer one only the length
  ARGV[3] how many of the newest to skip
  ARGV[4] how many at most, 1-1000
  ARGV[5..] keys, if they are given
  Returns {records in the trash, bytes in the trash, keys, times ms since 2024, records}; there may be more that do not fit
]]
local trash, times = KEYS[7], KEYS[8]
guard(1)
local room = open_trash(trash, times, tonumber(ARGV[1]), to_ms(clock()))
local keys, added = {}, {}
if #ARGV > 4 then
  for i = 5, #ARGV do
    local time = redis.call('ZSCORE', times, ARGV[i])
    if time then
      keys[#keys + 1] = ARGV[i]
      added[#added + 1] = time
    end
  end
else
  local last = -1 - tonumber(ARGV[3])
  local page = redis.call('ZRANGE', times, int(last - tonumber(ARGV[4]) + 1), int(last), 'WITHSCORES')
  for i = #page - 1, 1, -2 do
    keys[#keys + 1] = page[i]
    added[#added + 1] = page[i + 1]
  end
end
local records, read = {}, 0
if #keys > 0 then records, read = read_records(trash, keys, tonumber(ARGV[2]), #keys * 256) end
return {room.records, room.bytes, {unpack(keys, 1, read)}, {unpack(added, 1, read)}, records}
