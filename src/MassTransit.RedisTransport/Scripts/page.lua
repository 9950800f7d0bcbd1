--[[
  Read a page of waiting messages in their order, all or those of one failure group. Begins after the last message of the
  page before, even if messages have been removed meanwhile. Of the messages of other groups it reads nothing.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] score of the last message of the page before, -inf: from the first message
  ARGV[2] key of that message
  ARGV[3] how many at most, 1-1000
  ARGV[4] bytes of records at most; at least one message is read, and of a longer one only the length
  ARGV[5] failure group, or nothing: all messages
  ARGV[6] how many records to look at, at most
  Returns {highest place given in this queue so far, 1 if there are more, keys, how many messages were looked at up to each of them,
           server time ms since 2024, score of the last message looked at, its key (of the page before if none was),
           how many messages were looked at, how many are waiting, scores, records}
]]
local ready, messages, meta = KEYS[1], KEYS[4], KEYS[6]
guard(1)
local after, last, limit, max_bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local group, looks, looked, total, looked_score, looked_key = ARGV[5], tonumber(ARGV[6]), 0, 0, ARGV[1], ARGV[2]
local state = redis.call('HMGET', meta, 'place', 'packed', 'packed_delayed', 'packed_leased')
-- If the place cannot be read, the next message gets a place after this moment.
local place = whole(state[1], 0, clock() + AHEAD, clock())
local waiting = redis.call('ZCARD', ready) + unpacked(state, 2)
local keys, counts, scores, records, bytes, more = {}, {}, {}, {}, 0, 0
local offset, step = 0, group == '' and limit + 1 or SLICE
local finished = false
while not finished do
  local page = redis.call('ZRANGEBYSCORE', ready, after, '+inf', 'WITHSCORES', 'LIMIT', int(offset), int(step))
  local members, groups = {}, nil
  if group ~= '' and #page > 0 then
    for i = 1, #page, 2 do members[#members + 1] = page[i] end
    groups = redis.call('HMGET', meta, unpack(members))
  end
  for i = 1, #page, 2 do
    -- Messages of the same score are in the order of their keys.
    if page[i + 1] ~= after or page[i] > last then
      if looked == looks then
        more, finished = 1, true
        break
      end
      if not groups or groups[(i + 1) / 2] == group then
        local record = #keys < limit and redis.call('HGET', messages, page[i])
        local length = record and #record or 0
        if #keys == limit or (#keys > 0 and bytes + length > max_bytes) then
          more, finished = 1, true
          break
        end
        keys[#keys + 1] = page[i]
        counts[#counts + 1] = total + 1 + extra_of(page[i])
        scores[#scores + 1] = page[i + 1]
        records[#records + 1] = length > max_bytes and length or record
        bytes = bytes + length
      end
      looked, total, looked_score, looked_key = looked + 1, total + 1 + extra_of(page[i]), page[i + 1], page[i]
    end
  end
  if #page < step * 2 then
    finished = true
  elseif looked == looks and not finished then
    more, finished = 1, true
  end
  offset = offset + step
end
return {int(place), more, keys, counts, to_ms(clock()), looked_score, looked_key, total, waiting, scores, records}
