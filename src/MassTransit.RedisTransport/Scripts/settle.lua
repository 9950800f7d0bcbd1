--[[
  Remove messages whose consumers have succeeded, if their leases still hold.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1..] lease members (message key, colon, lease token)
  Returns {index from 1 of a lease that was lost, or the index negated where the message is gone altogether, ...}.
          A message that is gone was settled by this very call when the call is a repetition, by another owner otherwise.
]]
guard(1)
return settle_leases(1, {unpack(ARGV)})
