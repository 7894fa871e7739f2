-- ARGV: 1 random, 2 cap of the log, 3 channel, 4.. members. Returns {epoch, seq}.
local epoch = standing_epoch(ARGV[1])
local seq = redis.call('HINCRBY', clock, 'seq', 1)
local members = {}
for i = 4, #ARGV do
  members[i - 3] = ARGV[i]
  redis.call('ZADD', log, seq, ARGV[i])
end

local over = redis.call('ZCARD', log) - tonumber(ARGV[2])
if over > 0 then
  local last = redis.call('ZRANGE', log, over - 1, over - 1, 'WITHSCORES')
  local floor = math.max(tonumber(redis.call('HGET', clock, 'floor')), tonumber(last[2]))
  redis.call('ZREMRANGEBYRANK', log, 0, over - 1)
  redis.call('HSET', clock, 'floor', floor)
end

redis.call('PUBLISH', ARGV[3], cjson.encode({epoch = epoch, seq = seq, members = members}))
return {epoch, seq}
