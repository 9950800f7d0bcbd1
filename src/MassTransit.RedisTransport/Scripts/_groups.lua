-- This text is put behind the shared one in the scripts that count messages of failure groups. The meta hash of a dead-letter queue holds
-- for each group: 'group:' the count, 'title:', 'first:' when its first message came in ms, 'last:' when its last one came and that one's
-- key, 'again:' how many came back after a replay, 'note:'; 'groups', the names of all; and the group of each message under its key.

-- How many groups a queue keeps. What comes when there are so many is counted together.
local MOST_GROUPS = 200
local OTHER = 'other'

-- How many messages have left the queue by its counters completed, moved, removed and cancelled, which were read in this order.
local function gone_of(state, at)
  local gone = 0
  for i = at, at + 3 do gone = gone + whole(state[i], 0, MOST, 0) end
  return gone
end

-- Notes that the queue has groups, so that messages which leave it are taken out of them.
local function begin_groups(meta)
  local state = redis.call('HMGET', meta, 'completed', 'moved', 'removed', 'cancelled')
  redis.call('HSET', meta, 'grouped', '1', 'gone', int(gone_of(state, 1)))
end

-- Counts a message that is in no group yet. Returns its group.
local function join(meta, key, group, title, again, ms)
  local n = 1 + extra_of(key)
  if add(meta, 'group:' .. group, n) == n then
    local all = redis.call('HGET', meta, 'groups') or ''
    local _, many = string.gsub(all, ' ', '')
    if many >= MOST_GROUPS and group ~= OTHER then
      redis.call('HDEL', meta, 'group:' .. group)
      return join(meta, key, OTHER, '', again, ms)
    end
    redis.call('HSET', meta, 'groups', all .. ' ' .. group, 'title:' .. group, title, 'first:' .. group, int(ms))
  end
  redis.call('HSET', meta, key, group)
  if again then add(meta, 'again:' .. group, n) end
  return group
end

-- Sets the times of a group right for messages that came in between 'first' and 'last', which may be before those that are in it already.
local function date(meta, group, first, last, key)
  local times = redis.call('HMGET', meta, 'first:' .. group, 'last:' .. group)
  if first < whole(times[1], 0, MOST, MOST) then redis.call('HSET', meta, 'first:' .. group, int(first)) end
  if last >= whole(string.match(times[2] or '', '^%d+'), 0, MOST, 0) then
    redis.call('HSET', meta, 'last:' .. group, int(last) .. ' ' .. key)
  end
end
