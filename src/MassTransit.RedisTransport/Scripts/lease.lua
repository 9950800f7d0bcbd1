--[[
  Lease messages to one receiver: settle its finished messages, move due messages to the ready set, take back expired
  leases, then lease the most urgent messages, as many as a pause, a limit and a rate of the queue allow. Members that no
  script wrote are removed; the sweep finds their records.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease token, unique for each call
  ARGV[2] how many messages at most, 0: none, only look; 500 records at most, and a record is leased as a whole
  ARGV[3] lease, ms
  ARGV[4] wake-up channel
  ARGV[5] bytes of records at most; a longer record is leased alone and fetched in parts
  ARGV[6] 1: take back leases that have ended, 0: leave them to their owners, who may renew them after an outage
  ARGV[7..] members of finished leases, at most 1,000
  Returns {server time ms since 2024, ms until the next message falls due or -1, 1 if the queue is declared,
           messages taken back from expired leases, keys, records (false if the record is missing, its length if it is too
           long), failed deliveries so far (empty if none has any), what settle returns for the finished leases,
           1 if more could be leased now, number of foreign members removed, 1 if records are in no set,
           1 if the queue is paused, version of what operators have set (0: nothing ever), workers they have set or 0,
           limit they have set or 0}
]]
local ready, delayed, leased, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local _, strays, failed, grouped = guard(1)
local state = redis.call('HMGET', meta, 'step', 'idle', 'waiting', 'declared', 'packed', 'packed_delayed', 'packed_leased', 'suspects',
  'control')
local step, idle, packed = step_of(state[1]), idle_of(state[2]), whole(state[5], 0, MOST, 0)
-- If the settings cannot be read, the reply says that the queue is not declared, and the receiver declares it again.
local declared = state[4] and whole(state[1], 0, 1000000000000000000, nil) and declared_idle(state[2])
local now = to_ms(clock())
local lost = {}
if #ARGV > 6 then lost = settle_leases(1, {unpack(ARGV, 7)}, grouped) end

-- How many records one call handles at most, so that a flood of expired leases or due messages does not block the server for long.
local BOUND = 500

-- A delay that is longer than any client asks for: 36,500 days and a week, ms.
local LONGEST_DELAY = 3153600000000
local LONGEST_LEASE = 604800000
local foreign = 0

-- Puts keys back into the ready set, and drops members that are no keys.
local function to_ready(keys)
  local back = {}
  for i = 1, #keys do
    if is_key(keys[i]) then
      back[#back + 1] = rank(keys[i], step)
      back[#back + 1] = keys[i]
    else
      foreign = foreign + 1
    end
  end
  call_sliced('ZADD', ready, back, 2)
end

local reclaimed = 0
local expired = {}
-- The limit for each of the next two steps if the steps before it had more than this to do, because all steps share the time of one call.
local half = BOUND / 2
if ARGV[6] ~= '0' then
  expired = redis.call('ZRANGEBYSCORE', leased, '-inf', int(now), 'LIMIT', 0, #ARGV - 6 > half and half or BOUND)
end
if #expired > 0 then
  local expired_keys, raised = {}, {}
  for i = 1, #expired do expired_keys[i] = string.sub(expired[i], 1, KEY_LENGTH) end
  local before = redis.call('HMGET', deliveries, unpack(expired_keys))
  for i = 1, #expired_keys do
    if is_key(expired_keys[i]) then
      raised[#raised + 1] = expired_keys[i]
      raised[#raised + 1] = int(whole(before[i], 0, MOST_DELIVERIES, 0) + 1)
    end
  end
  redis.call('ZREM', leased, unpack(expired))
  to_ready(expired_keys)
  call_sliced('HSET', deliveries, raised, 2)
  failed = failed + #expired
  local extra = extra_in(expired_keys, 1, 1)
  reclaimed = #raised / 2 + extra
  add(meta, 'reclaimed', reclaimed)
  add(meta, 'packed', extra)
  add(meta, 'packed_leased', -extra)
  packed = packed + extra
end

local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', int(now), 'LIMIT', 0, #ARGV - 6 + #expired > half and half or BOUND)
if #due > 0 then
  redis.call('ZREM', delayed, unpack(due))
  to_ready(due)
  add(meta, 'packed_delayed', -extra_in(due, 1, 1))
end

-- What operators have set. A queue for which nothing was ever set has no version, so this costs it no call. 'most' is how many messages
-- they allow now, nil if they set no bound; 'again' is when more may be allowed, ms from now, -1 if only an event tells.
local wanted = tonumber(ARGV[2])
local version = whole(state[9], 1, MOST, 0)
local paused, again, most, by_rate = false, -1, nil, false
local total, rate, tokens, workers = 0, 0, 0, 0
if version > 0 then
  local set = redis.call('HMGET', meta, 'paused', 'until', 'limit', 'rate', 'tokens', 'refilled', 'workers')
  local since, ends = pause_of(set[1], set[2], now)
  total, rate, workers = set_of(set[3]), set_of(set[4]), set_of(set[7])
  if since then
    paused, most, again = true, 0, ends and ends - now or -1
  else
    if total > 0 then
      most = math.max(0, total - redis.call('ZCARD', leased) - whole(redis.call('HGET', meta, 'packed_leased'), 0, MOST, 0))
    end
    if rate > 0 and most ~= 0 then
      -- A bucket of thousandths of messages, which holds a tenth of a second. A record of many messages may leave a debt.
      local full, refilled = math.max(1000, rate * 100), whole(set[6], 0, now, nil)
      tokens = refilled and math.min(full, whole(set[5], -1000000, MOST, 0) + math.min(now - refilled, 3600000) * rate) or full
      local allowed = math.max(0, floor(tokens / 1000))
      if not most or allowed <= most then most, by_rate = allowed, true end
    end
  end
  if most then wanted = math.min(wanted, most) end
end

-- Counts messages, not records, because records that hold many messages fill the receiver sooner.
local limit = math.min(wanted, BOUND)
if packed > 0 and limit > 0 then
  local first = redis.call('ZRANGE', ready, 0, int(limit - 1))
  local taken, n = 0, 0
  while n < #first and taken < wanted do
    n = n + 1
    taken = taken + 1 + extra_of(first[n])
  end
  if n < #first then limit = n end
end

local popped = limit > 0 and redis.call('ZPOPMIN', ready, int(limit)) or {}
local full = limit > 0 and #popped == limit * 2
local keys, records, counts = {}, {}, {}
local extra = 0
for i = 1, #popped, 2 do
  if is_key(popped[i]) then
    keys[#keys + 1] = popped[i]
  else
    foreign = foreign + 1
    full = true
  end
end
if #keys > 0 then
  local n
  records, n, extra = read_records(messages, keys, tonumber(ARGV[5]), wanted)
  if n < #keys then
    to_ready({unpack(keys, n + 1)})
    keys = {unpack(keys, 1, n)}
    full = true
  end

  local lease_end = int(now + tonumber(ARGV[3]))
  local suffix = ':' .. ARGV[1]
  local added = {}
  for i = 1, #keys do
    added[#added + 1] = lease_end
    added[#added + 1] = keys[i] .. suffix
  end
  call_sliced('ZADD', leased, added, 2)
  add(meta, 'packed', -extra)
  add(meta, 'packed_leased', extra)
  state[8] = clear(meta, state[8], keys)
  if failed > 0 then counts = redis.call('HMGET', deliveries, unpack(keys)) end
  expire(1, idle)
end

-- Nothing more is allowed now, or nothing was asked for. The receiver does not wait for messages then, so it is neither woken by sends nor
-- sent back for those that fall due.
local taken = #keys + extra
local held = wanted == 0 or (most and taken >= most)
if rate > 0 and taken > 0 then redis.call('HSET', meta, 'tokens', int(tokens - taken * 1000), 'refilled', int(now)) end

local next_due = -1
if held then
  full = false
  -- A receiver comes again when the rate allows a message, or a fiftieth of a second's worth.
  if by_rate then again = math.max(1, math.ceil((math.max(1000, rate * 20) - tokens + taken * 1000) / rate)) end
  next_due = math.min(again, 86400000)
elseif not full then
  local first_delayed = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if #first_delayed > 0 then
    next_due = math.max(0, score_number(first_delayed[2]) - now)
    -- A message with a due time beyond any that a client asks for would never become due. The time in its key is used instead.
    local last = redis.call('ZRANGE', delayed, -1, -1, 'WITHSCORES')
    if score_number(last[2]) > now + LONGEST_DELAY then
      redis.call('ZREM', delayed, last[1])
      if is_key(last[1]) then
        redis.call('ZADD', delayed, int(to_ms(tonumber(string.sub(last[1], 3, 15), 16))), last[1])
      else
        foreign = foreign + 1
      end
      next_due = 0
    end
  elseif packed ~= extra or whole(state[6], 0, MOST, 0) ~= 0 then
    -- The ready and the delayed set are empty, so the counters are set to 0, whatever they say.
    allow_when_full(1)
    redis.call('HSET', meta, 'packed', '0', 'packed_delayed', '0')
  end
  local first_leased = redis.call('ZRANGE', leased, 0, 0, 'WITHSCORES')
  if #first_leased > 0 then
    local wait = math.max(0, score_number(first_leased[2]) - now) + 1
    -- Expired leases that are left to their owners for now are looked for again after a pause of 100 ms, not at once.
    if ARGV[6] == '0' then wait = math.max(wait, 100) end
    if next_due < 0 or wait < next_due then next_due = wait end
    local last = redis.call('ZRANGE', leased, -1, -1, 'WITHSCORES')
    if score_number(last[2]) > now + LONGEST_LEASE then
      redis.call('ZREM', leased, last[1])
      if is_key(string.sub(last[1], 1, KEY_LENGTH)) then
        redis.call('ZADD', leased, int(now + tonumber(ARGV[3])), last[1])
        clear(meta, state[8], last)
      else
        foreign = foreign + 1
      end
      next_due = 0
    end
  end
  -- At most one day is returned, because receivers look again sooner anyway.
  next_due = math.min(next_due, 86400000)
  if state[3] ~= '1' and state[4] then
    allow_when_full(1)
    redis.call('HSET', meta, 'waiting', '1')
    expire(1, idle)
  end
elseif redis.call('EXISTS', ready) == 1 then
  -- There is more than this receiver can hold, and another receiver may be asleep.
  wake(meta, state[3], ARGV[4])
end

return {now, math.floor(next_due), declared and 1 or 0, math.floor(reclaimed), keys, records, counts, lost, full and 1 or 0, foreign,
  strays > 0 and 1 or 0, paused and 1 or 0, version, workers, total}
