-- KEYS: 3 marker. ARGV: 1 random, 2 the caller's epoch or '', 3 the number it has applied.
-- Returns {epoch, seq, floor, seconds, microseconds, {member, seq, ...}}.
local epoch = standing_epoch(ARGV[1])
-- A write, whether the marker exists or not: a demoted or isolated master refuses it.
redis.call('PEXPIRE', KEYS[3], 60000)
local state = redis.call('HMGET', clock, 'seq', 'floor')
local after = '(' .. ARGV[3]
if ARGV[2] ~= epoch then after = state[2] end
local entries = redis.call('ZRANGEBYSCORE', log, after, '+inf', 'WITHSCORES')
local time = redis.call('TIME')
return {epoch, state[1], state[2], time[1], time[2], entries}
