--[[
  Find waiting messages of a dead-letter queue that are in no failure group, and read the beginning of their records. Each
  call of any process goes on where the one before stopped, and after the last message begins again.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] how many messages to find at most, 1-1000
  ARGV[2] bytes of records to look at, at most; one record is looked at in any case
  ARGV[3] bytes to read of a record at most
  Returns {1 if this was the last part, keys, beginnings of their records}
]]
local messages, meta = KEYS[4], KEYS[6]
guard(1)
local limit, budget, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
-- How many messages one call looks at.
local LOOKS = 1000
local which, after, last = string.match(redis.call('HGET', meta, 'walk') or '', '^([rd]) (%S+) (.*)$')
-- Not every Lua can parse an infinite score.
if not which or not (after == '-inf' or tonumber(after)) then which, after, last = 'r', '-inf', '' end
local zset = which == 'r' and KEYS[1] or KEYS[2]
local keys, heads, bytes, looked, full = {}, {}, 0, 0, false
local offset, ended = 0, false
while not full and not ended and looked < LOOKS do
  local page = redis.call('ZRANGEBYSCORE', zset, after, '+inf', 'WITHSCORES', 'LIMIT', int(offset), SLICE)
  local members = {}
  for i = 1, #page, 2 do members[#members + 1] = page[i] end
  local groups = #members > 0 and redis.call('HMGET', meta, unpack(members)) or {}
  local score, key = after, last
  for i = 1, #members do
    if page[i * 2] ~= after or members[i] > last then
      if not groups[i] and is_key(members[i]) then
        local length = redis.call('HSTRLEN', messages, members[i])
        if #keys == limit or (#keys > 0 and bytes + length > budget) then
          full = true
          break
        end
        keys[#keys + 1] = members[i]
        heads[#heads + 1] = sub(redis.call('HGET', messages, members[i]) or '', 1, most)
        bytes = bytes + length
      end
      looked, score, key = looked + 1, page[i * 2], members[i]
    end
  end
  ended = #members < SLICE
  -- Messages of one score may be more than one page.
  offset = score == after and not ended and offset + SLICE or 0
  after, last = score, key
end
local whole_walk = false
if ended and not full then
  whole_walk = which == 'd'
  which, after, last = which == 'r' and 'd' or 'r', '-inf', ''
end
allow_when_full(1)
redis.call('HSET', meta, 'walk', which .. ' ' .. after .. ' ' .. last)
return {whole_walk and 1 or 0, keys, heads}
