--[[
  Lease messages to one receiver: settle what it has finished, promote what is due, take back what has expired, then
  take the most urgent.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease token, unique for each call
  ARGV[2] how many messages at most; 500 records at most, and a record is taken whole
  ARGV[3] lease, ms
  ARGV[4] wake-up channel
  ARGV[5..] members of finished leases, at most 1,000
  Returns {server time ms since 2024, ms until the next message falls due or -1, 1 when the queue is declared,
           messages taken back from expired leases, keys, records (false where the body is missing),
           failed deliveries so far (empty when none has any), what settle returns for the finished leases}
]]
local ready, delayed, leased, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
guard(1)
local state = redis.call('HMGET', meta, 'step', 'idle', 'waiting', 'declared', 'packed')
local lost = {}
if #ARGV > 4 then lost = settle_leases(1, {unpack(ARGV, 5)}) end
local failed = redis.call('HLEN', deliveries)
local step = step_of(state[1])
local now = to_ms(clock())
local packed = tonumber(state[5] or '0')

-- Bounded, so that a flood of expired leases or due messages never holds the server for long.
local BOUND = 500

local limit = math.min(tonumber(ARGV[2]), BOUND)

local expired = redis.call('ZRANGEBYSCORE', leased, '-inf', int(now), 'LIMIT', 0, BOUND)
if #expired > 0 then
  local back, raised, expired_keys = {}, {}, {}
  redis.call('ZREM', leased, unpack(expired))
  for i = 1, #expired do
    local key = string.sub(expired[i], 1, KEY_LENGTH)
    expired_keys[i] = key
    back[#back + 1] = score_of(key, step)
    back[#back + 1] = key
  end
  local before = redis.call('HMGET', deliveries, unpack(expired_keys))
  for i = 1, #expired_keys do
    raised[#raised + 1] = expired_keys[i]
    raised[#raised + 1] = int(tonumber(before[i] or '0') + 1)
  end
  call_sliced('ZADD', ready, back, 2)
  call_sliced('HSET', deliveries, raised, 2)
  failed = failed + #expired
  local extra = extra_in(expired_keys, 1, 1)
  redis.call('HINCRBY', meta, 'reclaimed', int(#expired + extra))
  pack(meta, 'packed', extra)
  pack(meta, 'packed_leased', -extra)
  packed = packed + extra
end

local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', int(now), 'LIMIT', 0, BOUND)
if #due > 0 then
  local back = {}
  redis.call('ZREM', delayed, unpack(due))
  for i = 1, #due do
    back[#back + 1] = score_of(due[i], step)
    back[#back + 1] = due[i]
  end
  call_sliced('ZADD', ready, back, 2)
end

-- Records that hold many messages fill the receiver sooner.
if packed > 0 then
  local first = redis.call('ZRANGE', ready, 0, int(limit - 1))
  local messages_wanted, taken, n = tonumber(ARGV[2]), 0, 0
  while n < #first and taken < messages_wanted do
    n = n + 1
    taken = taken + 1 + extra_of(first[n])
  end
  if n < #first then limit = n end
end

local popped = redis.call('ZPOPMIN', ready, int(limit))
local keys, records, counts = {}, {}, {}
if #popped > 0 then
  local lease_end = int(now + tonumber(ARGV[3]))
  local suffix = ':' .. ARGV[1]
  local added = {}
  for i = 1, #popped, 2 do
    local key = popped[i]
    keys[#keys + 1] = key
    added[#added + 1] = lease_end
    added[#added + 1] = key .. suffix
  end
  call_sliced('ZADD', leased, added, 2)
  if packed > 0 then
    local extra = extra_in(keys, 1, 1)
    pack(meta, 'packed', -extra)
    pack(meta, 'packed_leased', extra)
  end
  records = redis.call('HMGET', messages, unpack(keys))
  if failed > 0 then counts = redis.call('HMGET', deliveries, unpack(keys)) end
  expire(1, state[2])
end

local next_due = -1
if #keys < limit then
  local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
  if #first > 0 then next_due = math.max(0, tonumber(first[2]) - now) end
  first = redis.call('ZRANGE', leased, 0, 0, 'WITHSCORES')
  if #first > 0 then
    local wait = math.max(0, tonumber(first[2]) - now) + 1
    if next_due < 0 or wait < next_due then next_due = wait end
  end
  if state[3] ~= '1' and state[4] then
    allow_when_full(1)
    redis.call('HSET', meta, 'waiting', '1')
    expire(1, state[2])
  end
elseif redis.call('EXISTS', ready) == 1 then
  -- More than this receiver can hold: another one may sleep.
  wake(meta, state[3], ARGV[4])
end

return {now, math.floor(next_due), state[4] and 1 or 0, #expired, keys, records, counts, lost}
