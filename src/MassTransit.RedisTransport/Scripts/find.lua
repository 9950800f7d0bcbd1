--[[
  Look for a text in waiting messages in their order, in all or in those of one failure group. Finds every message that holds the text,
  and may find others, because a record is searched as bytes: the caller reads what was found and looks closely. Begins after the last
  message looked at before, even if messages have been removed meanwhile.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] score of the last message looked at before, -inf: from the first message
  ARGV[2] key of that message
  ARGV[3] how many messages to find, at most
  ARGV[4] how many records to look at, at most; of those of other groups nothing is read
  ARGV[5] how many records to read, at most, 1-1000
  ARGV[6] bytes of records to read at most; one is read in any case, and it ends with the one that is too much
  ARGV[7] time after which it ends, us
  ARGV[8] bytes of a record above which it is found without being read
  ARGV[9] failure group, or nothing: all messages
  ARGV[10] digits: the types of header values that may hold the text when they are written out, or nothing
  ARGV[11] the text
  ARGV[12..] parts of the forms in which it may be written, of which one stands wherever it does
  Returns {highest place given in this queue so far, 1 if there are more, keys that were found, how many messages were looked at up to
           each of them, server time ms since 2024, score of the last message looked at, its key (of the page before if none was),
           how many messages were looked at, how many are waiting}
]]
local ready, messages, meta = KEYS[1], KEYS[4], KEYS[6]
guard(1)
local after, last, wanted, looks, reads = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local max_bytes, max_time, max_length = tonumber(ARGV[6]), tonumber(ARGV[7]) / 1000000, tonumber(ARGV[8])
local group, types, text = ARGV[9], ARGV[10], ARGV[11]
local byte, format = string.byte, string.format

-- Since 7.2 the time of Redis stands still while a script runs, and since 7.4 it tells that of the processor. In between, the numbers alone
-- are a bound. That of Garnet, whose Lua is a later one, goes on; its processor's time is that of all threads.
local _, processor = pcall(function() return os.clock end)
if math.type or type(processor) ~= 'function' then
  processor = function() return clock() / 1000000 end
end
local began = processor()

-- Tells whether a header value that is stored as a number, a time or the like may hold the text when it is written out. What cannot be
-- parsed counts as such, because it is the caller who knows all versions of a record. A length has four bytes, the lowest first.
local function in_values(record)
  -- Version, content type (0: a text follows), message id, time to live, number of headers.
  local _, code, a, b, c, d = byte(record, 1, 6)
  if not d then return true end
  local at = 27 + (code == 0 and 4 + a + b * 256 + c * 65536 + d * 16777216 or 0)
  local low, high = byte(record, at, at + 1)
  if not high then return true end
  at = at + 2
  for _ = 1, low + high * 256 do
    a, b, c, d = byte(record, at, at + 3)
    if not d then return true end
    at = at + 4 + a + b * 256 + c * 65536 + d * 16777216
    local kind
    kind, a, b, c, d = byte(record, at, at + 4)
    if not kind then return true end
    local value = d and a + b * 256 + c * 65536 + d * 16777216
    if kind == 1 then
      if not value then return true end
      at = at + 5 + value
    elseif kind == 5 or kind == 4 then
      if not value then return true end
      if find(types, kind, 1, true) then
        if kind == 5 then
          value = value < 2147483648 and value or value - 4294967296
        else
          a, b, c, d = byte(record, at + 5, at + 8)
          if not d then return true end
          local upper = a + b * 256 + c * 65536 + d * 16777216
          value = value + (upper < 2147483648 and upper or upper - 4294967296) * 4294967296
        end
        -- Beyond this a number is not exact, so that its digits are not known.
        if value > MOST or value < -MOST or find(format('%.0f', value), text, 1, true) then return true end
      end
      at = at + (kind == 5 and 5 or 9)
    else
      if kind < 2 or kind > 8 or find(types, kind, 1, true) then return true end
      at = at + (kind < 4 and 1 or kind == 6 and 9 or 17)
    end
  end
  return false
end

local function holds(record)
  for i = 12, #ARGV do
    if find(record, ARGV[i], 1, true) then return true end
  end
  return types ~= '' and in_values(record)
end

local state = redis.call('HMGET', meta, 'place', 'packed', 'packed_delayed', 'packed_leased')
-- If the place cannot be read, the next message gets a place after this moment.
local place = whole(state[1], 0, clock() + AHEAD, clock())
local waiting = redis.call('ZCARD', ready) + unpacked(state, 2)
local keys, counts, looked, records, read, bytes, more = {}, {}, 0, 0, 0, 0, 0
local offset, step = 0, group == '' and math.min(SLICE, reads + 1) or SLICE
local finished = false
while not finished do
  local page = redis.call('ZRANGEBYSCORE', ready, ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', int(offset), int(step))
  local members, groups = {}, nil
  if group ~= '' and #page > 0 then
    for i = 1, #page, 2 do members[#members + 1] = page[i] end
    groups = redis.call('HMGET', meta, unpack(members))
  end
  for i = 1, #page, 2 do
    local key = page[i]
    -- Messages of the same score are in the order of their keys.
    if page[i + 1] ~= ARGV[1] or key > ARGV[2] then
      if records == looks or read == reads or bytes >= max_bytes or #keys == wanted
        or (read % 16 == 15 and processor() - began >= max_time) then
        more, finished = 1, true
        break
      end
      records, looked, after, last = records + 1, looked + 1 + extra_of(key), page[i + 1], key
      if not groups or groups[(i + 1) / 2] == group then
        read = read + 1
        local length = redis.call('HSTRLEN', messages, key)
        local found = length > max_length
        if length > 0 and not found then
          bytes = bytes + length
          found = holds(redis.call('HGET', messages, key))
        end
        if found then
          keys[#keys + 1] = key
          counts[#counts + 1] = looked
        end
      end
    end
  end
  if #page < step * 2 then finished = true end
  offset = offset + step
end
return {int(place), more, keys, counts, to_ms(clock()), after, last, looked, waiting}
