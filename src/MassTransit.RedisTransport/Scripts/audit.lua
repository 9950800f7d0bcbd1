--[[
  Write an entry of the audit, or replace one by what has become of it, and drop the oldest entries. It works on a full server,
  because what an operator does there makes room. Run twice with the same arguments, it writes once.
  KEYS[1] audit zset, scored by the time of the entry
  ARGV[1] how many entries are kept
  ARGV[2] the entry that is replaced, '' for none; the new one gets its time
  ARGV[3] the entry
  Returns the time of the entry as text, us since 2024
]]
local audit = KEYS[1]
redis.call('ZCARD', audit)
local place = redis.call('ZSCORE', audit, ARGV[3])
if place then return int(score_number(place)) end

local before = ARGV[2] ~= '' and redis.call('ZSCORE', audit, ARGV[2])
place = before and int(score_number(before)) or int(clock())
-- A full server allows this write, because it frees memory, and the others after it.
redis.call('ZREM', audit, ARGV[2])
redis.call('ZADD', audit, place, ARGV[3])
redis.call('ZREMRANGEBYRANK', audit, 0, int(-1 - tonumber(ARGV[1])))
return place
