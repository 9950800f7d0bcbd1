-- This text is shared by every script that works on one queue. The build joins it in front of the script's own body.
--
-- A message is known by its key of 22 hex digits: 2 for the priority, 13 for its place in the queue (microseconds of the server's clock
-- since 2024-01-01, strictly increasing within the queue), 5 for a counter that tells apart messages that fall due at the same instant,
-- 2 for how many further messages share its record. The score of a message is computed from its key alone, so that a message which
-- comes back from a lease or a delay takes its old place again.
local KEY_LENGTH = 22
local find, sub, floor = string.find, string.sub, math.floor
local EPOCH = 1704067200
-- How much head start one step of priority gives in a queue that does not age its messages: 2^45 us, more than a year.
local STRICT = 35184372088832

local function clock()
  local t = redis.call('TIME')
  return (tonumber(t[1]) - EPOCH) * 1000000 + tonumber(t[2])
end

local function to_ms(us)
  return floor(us / 1000)
end

local function int(n)
  return string.format('%.0f', n)
end

-- The largest number that every Lua holds exactly.
local MOST = 9007199254740991
-- The largest number of deliveries that a client can count.
local MOST_DELIVERIES = 2147483646

-- Reads a number that is stored on the server. Returns 'otherwise' if the value is no whole number within the limits, because a later
-- version or a stray tool may have stored anything.
local function whole(value, low, high, otherwise)
  local n = tonumber(value)
  if not n or n ~= n or n < low or n > high then return otherwise end
  return floor(n)
end

-- Reads what one step of priority is worth. A step of more than 30,000 years is read as strict, because no client sets one.
local function step_of(stored)
  local step = whole(stored, 1, 1000000000000000000, 0)
  if step == 0 then return STRICT end
  return step
end

-- How long a queue lives without a receiver, ms: a second to a year, or 0 for ever. Nil if no client can have declared the stored value.
local function declared_idle(stored)
  local idle = whole(stored, 0, 31557600000, nil)
  if idle ~= 0 and idle and idle < 1000 then return nil end
  return idle
end

-- The same as text. A value that cannot be read counts as 0, so that it does not delete the queue.
local function idle_of(stored)
  return int(declared_idle(stored) or 0)
end

local COUNTERS = 1048576

local function make_key(priority, place, counter, extra)
  return string.format('%02x%013x%05x%02x', priority, place, counter, extra)
end

-- Turns a score into a number. Not every Lua can parse the infinite scores that other programs may have written.
local function score_number(score)
  return tonumber(score) or (sub(score, 1, 1) == '-' and -math.huge or math.huge)
end

-- True if a script can have made this key.
local function is_key(member)
  return #member == KEY_LENGTH and not find(member, '[^0-9a-f]')
end

-- How many messages a record holds beyond its first.
local function extra_of(key)
  local digits = sub(key, 21, 22)
  return digits ~= '00' and is_key(key) and tonumber(digits, 16) or 0
end

-- The priority of a message. A member that no script wrote has the lowest one.
local function priority_of(key)
  if not is_key(key) then return 0 end
  return tonumber(sub(key, 1, 2), 16)
end

-- How far ahead of the clock a stored place may be: one year in us. Clocks differ by less, and no queue takes more than a million messages
-- a second for a year.
local AHEAD = 31557600000000

-- Returns the place of the last message of a queue that holds so many records, and true if that place is not known. New keys must then be
-- looked up before they are used, because they may overwrite messages.
local function place_of(stored, now, records)
  local place = whole(stored, 0, now + AHEAD, nil)
  if place then return math.max(place, now), false end
  return now, records > 0
end

-- Returns a key that no message has, and its place.
local function free_key(messages, unknown, priority, place, counter, extra)
  local key = make_key(priority, place, counter, extra)
  while unknown and redis.call('HEXISTS', messages, key) == 1 do
    place = place + 1000000
    key = make_key(priority, place, counter, extra)
  end
  return key, place
end

-- How many further messages share the records of every step-th key of a list, from the index 'first' on.
local function extra_in(list, first, step)
  local extra = 0
  for i = first, #list, step do extra = extra + extra_of(list[i]) end
  return extra
end

-- Reads the suspects of a sweep from meta, where their keys are stored one after the other. A suspect is a record in no set,
-- except perhaps the leased one, which the sweep looks through in steps.
local function suspects_of(stored)
  local keys = {}
  for i = 1, stored and #stored or 0, KEY_LENGTH do
    local key = sub(stored, i, i + KEY_LENGTH - 1)
    if is_key(key) then keys[#keys + 1] = key end
  end
  return keys
end

-- Returns the keys that no member of the list has. Reads every width-th value of the list.
local function unnamed(keys, members, width)
  local named, left = {}, {}
  for i = 1, #members, width do named[sub(members[i], 1, KEY_LENGTH)] = true end
  for i = 1, #keys do
    if not named[keys[i]] then left[#left + 1] = keys[i] end
  end
  return left
end

-- Removes members from the suspects and returns the remaining ones. A lease that is made or renewed during a sweep may be in a
-- part of the leased set that the sweep has already passed, so it must not remain a suspect.
local function clear(meta, stored, members)
  if not stored or stored == '' then return stored end
  local before = suspects_of(stored)
  local left = unnamed(before, members, 1)
  if #left == #before then return stored end
  stored = table.concat(left)
  redis.call('HSET', meta, 'suspects', stored)
  return stored
end

-- Adds to a counter and returns the sum. A counter that holds no number, or one beyond the limits, is repaired, because a script that has
-- already written must not fail.
local function add(meta, field, n)
  if n == 0 then return end
  local sum = redis.pcall('HINCRBY', meta, field, int(n))
  if type(sum) ~= 'number' or sum < 0 or sum > MOST then
    local before = whole(redis.call('HGET', meta, field), 0, MOST, 0)
    sum = math.min(math.max(0, before + n), MOST)
    redis.call('HSET', meta, field, int(sum))
  end
  return sum
end

-- The sorted sets count records, not messages. The meta hash counts the messages beyond the first of each record: 'packed' for records that
-- wait or are delayed, 'packed_delayed' for the delayed ones alone, 'packed_leased' for the leased ones.
local function unpacked(state, at)
  local packed = whole(state[at], 0, MOST, 0)
  local delayed = math.min(packed, whole(state[at + 1], 0, MOST, 0))
  return packed - delayed, delayed, whole(state[at + 2], 0, MOST, 0)
end

-- Reads a pause. Returns when it began and when it ends by itself (nil: never), or nil if the queue is not paused now. A pause that is over
-- is left where it is, so that its end needs no write.
local function pause_of(since, ends, now)
  -- As far ahead of the clock as a place may be.
  since, ends = whole(since, 0, now + AHEAD / 1000, nil), whole(ends, 0, MOST, nil)
  if not since or (ends and ends <= now) then return nil end
  return since, ends
end

-- The largest limit, rate or number of workers that a client can set.
local MOST_SET = 1000000

-- Reads a limit, a rate or a number of workers; 0 if none is set.
local function set_of(stored)
  return whole(stored, 1, MOST_SET, 0)
end

-- The rank of a key that is known to be valid.
local function rank(key, step)
  return int(tonumber(sub(key, 3, 15), 16) - tonumber(sub(key, 1, 2), 16) * step)
end

local function score_of(key, step)
  -- A member that no script wrote counts as the oldest of the lowest priority, so that it does not stop the queue.
  return is_key(key) and rank(key, step) or '0'
end

-- How many values one call to the server may get. Lua limits how many values unpack may push, so every variadic call is made in slices of
-- this size.
local SLICE = 1000

local function call_sliced(command, key, list, width)
  local slice = SLICE * width
  local total = 0
  for first = 1, #list, slice do
    local last = math.min(first + slice - 1, #list)
    local reply = redis.call(command, key, unpack(list, first, last))
    if type(reply) == 'number' then total = total + reply end
  end
  return total
end

-- Reads records until the next one would not fit into 'budget' bytes, or until 'wanted' messages are read. The first one is read in any
-- case; if it does not fit, its length is returned instead. The slices grow from one record, so that little more is read than fits. Returns
-- the records, their number, and how many messages they hold beyond their first.
local function read_records(messages, keys, budget, wanted)
  local records, n, bytes, extra, slice = {}, 0, 0, 0, 1
  while n < #keys do
    local last = math.min(n + slice, #keys)
    local read = redis.call('HMGET', messages, unpack(keys, n + 1, last))
    for i = 1, #read do
      local record = read[i]
      local length = record and #record or 0
      if n > 0 and (bytes + length > budget or n + extra >= wanted) then return records, n, extra end
      n = n + 1
      records[n] = length > budget and length or record
      bytes = bytes + length
      local key = keys[n]
      if sub(key, 21, 22) ~= '00' then extra = extra + extra_of(key) end
    end
    if bytes >= budget then break end
    slice = math.max(1, math.min(slice * 8, math.ceil((budget - bytes) * n / math.max(1, bytes))))
  end
  return records, n, extra
end

-- Reads every key of the queue, so that a key of the wrong type stops the script before it has written anything. Returns how many records
-- there are, how many of them are in no sorted set, how many messages have failed before, and whether the queue has failure groups.
local function guard(first)
  local placed = redis.call('ZCARD', KEYS[first]) + redis.call('ZCARD', KEYS[first + 1]) + redis.call('ZCARD', KEYS[first + 2])
  local records = redis.call('HLEN', KEYS[first + 3])
  local failed = redis.call('HLEN', KEYS[first + 4])
  local grouped = redis.call('HGET', KEYS[first + 5], 'grouped')
  return records, records - placed, failed, grouped == '1'
end

-- Takes messages that leave a dead-letter queue out of their failure groups. Its meta hash holds the group of each message and the count of
-- each group, so that every script that removes a message has both at hand. 'gone' is what the caller adds to the counters of messages that
-- are gone. An older version adds to those alone, so that the difference shows that it has removed messages and left their groups behind.
local function leave(meta, keys, gone)
  add(meta, 'gone', gone)
  if #keys == 0 then return end
  local groups = redis.call('HMGET', meta, unpack(keys))
  local counts, named, left, seen = {}, {}, {}, {}
  for i = 1, #keys do
    local group, key = groups[i], keys[i]
    if group and is_key(key) and not seen[key] then
      seen[key] = true
      left[#left + 1] = key
      if not counts[group] then
        counts[group] = 0
        named[#named + 1] = group
      end
      counts[group] = counts[group] + 1 + extra_of(key)
    end
  end
  if #left == 0 then return end
  redis.call('HDEL', meta, unpack(left))
  for i = 1, #named do
    local group = named[i]
    if add(meta, 'group:' .. group, -counts[group]) == 0 then
      redis.call('HDEL', meta, 'group:' .. group, 'title:' .. group, 'first:' .. group, 'last:' .. group, 'again:' .. group,
        'note:' .. group)
      local all = redis.call('HGET', meta, 'groups') or ''
      local at, last = find(all, ' ' .. group, 1, true)
      if at then redis.call('HSET', meta, 'groups', sub(all, 1, at - 1) .. sub(all, last + 1)) end
    end
  end
end

-- Starts the idle time of a queue that deletes itself anew, on every key that the queue owns.
local function expire(first, idle)
  if idle and idle ~= '0' then
    for i = first, first + 5 do redis.call('PEXPIRE', KEYS[i], idle) end
  end
end

-- Gives new keys of such a queue the same expiry as the rest of it. Sends do not keep a queue alive, only receivers do: otherwise a queue
-- that nobody reads any more would grow for ever.
local function expire_with(first, idle)
  if idle and idle ~= '0' then
    local left = redis.call('PTTL', KEYS[first + 5])
    local last = first + 4
    if left <= 0 then
      -- On a server whose clock advances while a script runs, the queue may have expired after this script read it, and been created again
      -- by the script's writes. Without an expiry it would stay for ever.
      left, last = tonumber(idle), first + 5
    end
    for i = first, last do redis.call('PEXPIRE', KEYS[i], int(left)) end
  end
end

-- Removes the expiry from every key of a queue that no longer deletes itself.
local function persist(first)
  for i = first, first + 5 do redis.call('PERSIST', KEYS[i]) end
end

-- Wakes the receivers that sleep because the queue was empty. Costs no command if none sleeps. If this user may not publish, the script
-- goes on, because receivers also look by themselves once a second.
local function wake(meta, waiting, channel)
  if waiting == '1' and type(redis.pcall('PUBLISH', channel, '1')) == 'number' then
    redis.call('HSET', meta, 'waiting', '0')
  end
end

-- Lets the script write on a server that is over its memory limit. Such a server refuses a script's first write if that write may grow the
-- data, and allows all writes after the first. So scripts that consumers need to drain a full server begin with a write that frees memory.
local function allow_when_full(first)
  redis.call('ZREM', KEYS[first + 2], '')
end

-- Removes the messages whose leases still hold. Returns what settle.lua returns.
local function settle_leases(first, members, grouped)
  local leased, messages, deliveries, meta = KEYS[first + 2], KEYS[first + 3], KEYS[first + 4], KEYS[first + 5]
  local scores = redis.call('ZMSCORE', leased, unpack(members))
  local owned, keys, lost = {}, {}, {}
  for i = 1, #members do
    local key = sub(members[i], 1, KEY_LENGTH)
    if scores[i] then
      owned[#owned + 1] = members[i]
      keys[#keys + 1] = key
    elseif redis.call('HEXISTS', messages, key) == 1 then
      lost[#lost + 1] = i
    else
      lost[#lost + 1] = -i
    end
  end
  if #owned > 0 then
    -- Counts what the removal returned, because a lease that is named twice in one call is one message.
    local completed = redis.call('ZREM', leased, unpack(owned))
    redis.call('HDEL', messages, unpack(keys))
    if redis.call('EXISTS', deliveries) == 1 then redis.call('HDEL', deliveries, unpack(keys)) end
    local extra, seen = 0, {}
    for i = 1, #keys do
      if not seen[keys[i]] then extra = extra + extra_of(keys[i]) end
      seen[keys[i]] = true
    end
    add(meta, 'completed', completed + extra)
    add(meta, 'packed_leased', -extra)
    if grouped then leave(meta, keys, completed + extra) end
  end
  return lost
end
