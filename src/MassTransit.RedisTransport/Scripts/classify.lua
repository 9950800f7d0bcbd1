--[[
  Count messages of a dead-letter queue into failure groups that came in another way than by a move: before there were
  groups, by a send, or by an older version.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1..] for each message: key, failure group, title, 1 if it was replayed before
  Returns how many records were counted; those that are gone or in a group already are passed over
]]
local messages, meta = KEYS[4], KEYS[6]
local _, _, _, grouped = guard(1)
local counted = 0
for i = 1, #ARGV, 4 do
  local key = ARGV[i]
  if is_key(key) and redis.call('HEXISTS', messages, key) == 1 and redis.call('HEXISTS', meta, key) == 0 then
    if not grouped then
      begin_groups(meta)
      grouped = true
    end
    local ms = to_ms(tonumber(sub(key, 3, 15), 16))
    local group = join(meta, key, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3] == '1', ms)
    date(meta, group, ms, ms, key)
    counted = counted + 1
  end
end
return counted
