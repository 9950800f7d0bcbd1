-- Shared by every script that works on one queue. Joined in front of the script's own body.
--
-- A message is known by its key: 2 hex digits of priority, 13 of its place in the queue (microseconds of the
-- server's clock since 2024-01-01, strictly increasing within the queue), 5 of a counter that tells apart
-- messages due at the same instant, 2 of how many further messages share its record. The key alone gives the message its score, so that a message which
-- comes back from a lease or a delay takes its old place again.
local KEY_LENGTH = 22
local EPOCH = 1704067200
-- One step of priority is worth 2^45 us (over a year) of head start unless the queue ages its messages.
local STRICT = 35184372088832

local function clock()
  local t = redis.call('TIME')
  return (tonumber(t[1]) - EPOCH) * 1000000 + tonumber(t[2])
end

local function to_ms(us)
  return math.floor(us / 1000)
end

local function int(n)
  return string.format('%.0f', n)
end

local function step_of(meta_step)
  local step = tonumber(meta_step or '0')
  if step == 0 then return STRICT end
  return step
end

local COUNTERS = 1048576

local function make_key(priority, place, counter, extra)
  return string.format('%02x%013x%05x%02x', priority, place, counter, extra)
end

-- How many messages a record holds beyond its first.
local function extra_of(key)
  local digits = string.sub(key, 21, 22)
  if digits == '00' then return 0 end
  return tonumber(digits, 16) or 0
end

-- Of every step-th member of a list from first on.
local function extra_in(list, first, step)
  local extra = 0
  for i = first, #list, step do extra = extra + extra_of(list[i]) end
  return extra
end

-- The sorted sets count records. What records hold beyond their first message is counted in meta: 'packed' of those that
-- wait or are delayed, 'packed_leased' of those leased.
local function pack(meta, field, extra)
  if extra ~= 0 then redis.call('HINCRBY', meta, field, int(extra)) end
end

local function score_of(key, step)
  -- A member that no script wrote must not stop the queue: it counts as the oldest of the lowest priority.
  local priority = tonumber(string.sub(key, 1, 2), 16) or 0
  local place = tonumber(string.sub(key, 3, 15), 16) or 0
  return int(place - priority * step)
end

-- Lua bounds how many values unpack may push; every variadic call goes through slices of this size.
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

-- A key of the wrong type must stop the script before it has written anything.
local function guard(first)
  redis.call('ZCARD', KEYS[first])
  redis.call('ZCARD', KEYS[first + 1])
  redis.call('ZCARD', KEYS[first + 2])
  redis.call('HLEN', KEYS[first + 3])
  redis.call('HLEN', KEYS[first + 4])
  redis.call('HLEN', KEYS[first + 5])
end

-- Queues that delete themselves carry their idle time on every key they own.
local function expire(first, idle)
  if idle and idle ~= '0' then
    for i = first, first + 5 do redis.call('PEXPIRE', KEYS[i], idle) end
  end
end

-- New keys of such a queue live as long as the rest of it. What is sent to a queue does not keep it alive: only its
-- receivers do, or a queue nobody reads any more would grow for ever.
local function expire_with(first, idle)
  if idle and idle ~= '0' then
    local left = redis.call('PTTL', KEYS[first + 5])
    local last = first + 4
    if left <= 0 then
      -- Where the clock goes on while a script runs, the queue may have ended after this script has looked, and have
      -- been created again by its writes: without an expiry it would stay for ever.
      left, last = tonumber(idle), first + 5
    end
    for i = first, last do redis.call('PEXPIRE', KEYS[i], int(left)) end
  end
end

-- A queue that deletes itself no more keeps every key it owns.
local function persist(first)
  for i = first, first + 5 do redis.call('PERSIST', KEYS[i]) end
end

-- Wakes the receivers that went to sleep on an empty queue; no one sleeping costs nothing.
local function wake(meta, waiting, channel)
  if waiting == '1' then
    redis.call('HSET', meta, 'waiting', '0')
    redis.call('PUBLISH', channel, '1')
  end
end

-- A server over its memory limit refuses a script's first write if that write may grow the data, and lets all of
-- it pass once a write has been made. What consumers need to drain a full server starts with a write that frees.
local function allow_when_full(first)
  redis.call('ZREM', KEYS[first + 2], '')
end

-- Removes messages whose leases hold. Returns what the contract of settle says.
local function settle_leases(first, members)
  local leased, messages, deliveries, meta = KEYS[first + 2], KEYS[first + 3], KEYS[first + 4], KEYS[first + 5]
  local scores = redis.call('ZMSCORE', leased, unpack(members))
  local owned, keys, lost = {}, {}, {}
  for i = 1, #members do
    local key = string.sub(members[i], 1, KEY_LENGTH)
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
    -- What the removal returned: a lease named twice in one call is one message.
    local completed = redis.call('ZREM', leased, unpack(owned))
    redis.call('HDEL', messages, unpack(keys))
    if redis.call('EXISTS', deliveries) == 1 then redis.call('HDEL', deliveries, unpack(keys)) end
    local extra, seen = 0, {}
    for i = 1, #keys do
      if not seen[keys[i]] then extra = extra + extra_of(keys[i]) end
      seen[keys[i]] = true
    end
    redis.call('HINCRBY', meta, 'completed', int(completed + extra))
    pack(meta, 'packed_leased', -extra)
  end
  return lost
end
