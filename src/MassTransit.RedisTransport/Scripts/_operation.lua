-- This text is put behind the shared one in the scripts that work for operations on dead letters. An operation is a hash. Its owner has a
-- token, which each of its steps shows, so that a process which was frozen does nothing any more after another has taken over.
local ACTIVE = {Running = true, Canary = true, Waiting = true}
-- How long an operation that has ended is kept: 30 days, ms.
local KEPT = 2592000000

-- Ends an operation: the queue is free for the next one.
local function finish(operation, meta, state, because)
  redis.call('HSET', operation, 'state', state, 'because', because, 'owner', '', 'name', '', 'until', '0')
  redis.call('HDEL', meta, 'operation')
  redis.call('PEXPIRE', operation, KEPT)
end

-- Returns 0 if the owner's next step may be done; -1 if another process is the owner; -2 if this step was done before; -5 if the operation
-- rests or has ended.
local function fenced(operation, token, step)
  local state = redis.call('HMGET', operation, 'owner', 'state', 'step')
  if state[1] ~= token then return -1 end
  if whole(state[3], 0, MOST, 0) >= step then return -2 end
  if not ACTIVE[state[2]] then return -5 end
  return 0
end

-- Stops the operation if too many of the messages that it has replayed are dead letters again. While it looks at the canary, that alone is
-- judged.
local function braked(operation, meta)
  local state = redis.call('HMGET', operation, 'brake', 'least', 'done', 'failed', 'state', 'canary')
  local brake = whole(state[1], 1, 100, nil)
  if not brake or not ACTIVE[state[5]] then return false end
  local done, failed = whole(state[3], 0, MOST, 0), whole(state[4], 0, MOST, 0)
  local least = whole(state[5] == 'Canary' and state[6] or state[2], 1, MOST, 50)
  if done < least or failed * 100 < brake * done then return false end
  finish(operation, meta, 'Stopped', int(failed) .. ' of ' .. int(done) .. ' replayed messages are dead letters again')
  return true
end

-- Notes what a step has done, and where the next one begins.
local function advance(operation, step, score, key, looked, done, missing, now)
  add(operation, 'looked', looked)
  add(operation, 'done', done)
  add(operation, 'missing', missing)
  redis.call('HSET', operation, 'step', int(step), 'updated', int(now))
  if score ~= '' then redis.call('HSET', operation, 'score', score, 'key', key) end
end
