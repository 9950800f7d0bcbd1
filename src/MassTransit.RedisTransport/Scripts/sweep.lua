--[[
  Look for records that are in no set, and lease them to the caller, because no consumer would ever get them. A record under
  a key that no script wrote gets a valid key. A message that is being sent, moved or split is never found, because every
  script is atomic.
  If there are more leases than one call may look at, records in no other set become suspects first. They are kept in meta
  until the leased set has been looked through in steps; a script that leases or renews one of them removes it. Each call,
  of any receiver, makes the next step.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] lease token
  ARGV[2] lease, ms
  ARGV[3] cursor: + from the start, - if only the suspects are left, otherwise the value that the call before returned
  ARGV[4] about how many records to look at
  ARGV[5] how many leases to look at at most, at least 2
  Returns {server time ms since 2024, next cursor or 0 at the end, keys leased}
]]
local ready, delayed, leased, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
guard(1)
local now = clock()
local limit = tonumber(ARGV[5])
-- How many suspects are looked for in one walk through the leases.
local MANY = 500
local state = redis.call('HMGET', meta, 'suspects', 'sweep', 'idle')
local suspects, next = suspects_of(state[1]), ARGV[3]
local bound, score, skip, last = string.match(state[2] or '', '^(%S+) (%S+) (%d+) (.*)$')

local function is_score(text)
  local n = tonumber(text or '')
  return text == 'inf' or text == '-inf' or (n and n == n)
end

local function waits(field)
  return redis.call('ZSCORE', ready, field) or redis.call('ZSCORE', delayed, field)
end

-- The state of a walk through the leases: the highest score when the walk began, the last score and member that were looked
-- at, and how many members of that score come before it. Leases made or renewed since then are no suspects, wherever they are.
local walking = #suspects > 0 and is_score(bound) and is_score(score)
local done, changed = false, false
local fields, values = {}, {}
if walking then
  skip = whole(skip, 0, MOST, 0)
  local page = redis.call('ZRANGEBYSCORE', leased, score, bound, 'WITHSCORES', 'LIMIT', int(skip), int(limit))
  changed = true
  if skip > 0 and page[1] ~= last then
    -- Leases of this score have ended and later ones have moved up, so this score is looked through again.
    skip = 0
  else
    suspects = unnamed(suspects, page, 2)
    done = #page < limit * 2
    if not done then
      local before = score
      last, score = page[#page - 1], page[#page]
      local first = #page
      while first > 2 and page[first - 2] == score do first = first - 2 end
      skip = (#page - first) / 2 + (first == 2 and score == before and skip or 0)
    end
  end
elseif next ~= '-' then
  local scanned = redis.call('HSCAN', messages, next == '+' and '0' or next, 'COUNT', ARGV[4])
  local known, found = {}, {}
  for i = 1, #suspects do known[suspects[i]] = true end
  for i = 1, #scanned[2], 2 do
    local field = scanned[2][i]
    if not known[field] and not waits(field) then
      if is_key(field) then
        found[#found + 1] = field
      elseif not redis.call('ZSCORE', leased, field) then
        fields[#fields + 1] = field
        values[#values + 1] = scanned[2][i + 1]
      end
    end
  end
  if redis.call('ZCARD', leased) <= limit then
    for _, field in ipairs(unnamed(found, redis.call('ZRANGE', leased, 0, int(limit - 1)), 1)) do fields[#fields + 1] = field end
  else
    for i = 1, #found do suspects[#suspects + 1] = found[i] end
    changed = #found > 0
  end
  next = scanned[1] == '0' and '-' or scanned[1]
end

if not walking and #suspects > 0 and (#suspects >= MANY or next == '-') then
  local highest = redis.call('ZRANGE', leased, -1, -1, 'WITHSCORES')
  bound, score, skip, last = highest[2], '-inf', 0, ''
  walking, done, changed = true, #highest == 0, true
end
if done then
  for i = 1, #suspects do
    if not waits(suspects[i]) and redis.call('HEXISTS', messages, suspects[i]) == 1 then fields[#fields + 1] = suspects[i] end
  end
  suspects = {}
end

local keys = {}
if changed or state[1] or #fields > 0 then allow_when_full(1) end
if #fields > 0 then
  local lease_end = int(to_ms(now) + tonumber(ARGV[2]))
  local extra = 0
  for i = 1, #fields do
    local key = fields[i]
    if not is_key(key) then
      key = free_key(messages, true, 0, now, i % COUNTERS, 0)
      redis.call('HDEL', messages, fields[i])
      redis.call('HDEL', deliveries, fields[i])
      redis.call('HSET', messages, key, values[i])
    end
    redis.call('ZADD', leased, lease_end, key .. ':' .. ARGV[1])
    extra = extra + extra_of(key)
    keys[#keys + 1] = key
  end
  add(meta, 'packed_leased', extra)
  expire(1, idle_of(state[3]))
end
if #suspects == 0 then
  if state[1] or state[2] then redis.call('HDEL', meta, 'suspects', 'sweep') end
  if next == '-' then next = '0' end
elseif changed then
  redis.call('HSET', meta, 'suspects', table.concat(suspects))
  if walking then
    redis.call('HSET', meta, 'sweep', bound .. ' ' .. score .. ' ' .. int(skip) .. ' ' .. last)
  else
    redis.call('HDEL', meta, 'sweep')
  end
end
return {to_ms(now), next, keys}
