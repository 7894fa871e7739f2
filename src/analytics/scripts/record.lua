-- Counts page views in one step; what is of the day ends at midnight UTC by the clock of Redis.
-- KEYS: totals, visitors, top, waiting
-- ARGV: page views, posts that may wait, posts that the top may have, posts that it then keeps,
--   number of posts, the id and views of each, and the visitors
local totals, visitors, top, waiting = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local posts = tonumber(ARGV[5])
local firstVisitor = 6 + 2 * posts

if redis.call('HLEN', waiting) + posts > tonumber(ARGV[2]) then return 0 end

for i = 6, firstVisitor - 1, 2 do
  redis.call('HINCRBY', waiting, ARGV[i], ARGV[i + 1])
  redis.call('ZINCRBY', top, ARGV[i + 1], ARGV[i])
end
if redis.call('ZCARD', top) > tonumber(ARGV[3]) then
  redis.call('ZREMRANGEBYRANK', top, 0, -1 - tonumber(ARGV[4]))
end
if #ARGV >= firstVisitor then
  redis.call('PFADD', visitors, unpack(ARGV, firstVisitor))
end
redis.call('HINCRBY', totals, 'page_views', ARGV[1])
redis.call('HSET', totals, 'unique_visitors', redis.call('PFCOUNT', visitors))

local now = tonumber(redis.call('TIME')[1])
local midnight = now - now % 86400 + 86400
for _, key in ipairs({ totals, visitors, top }) do
  redis.call('EXPIREAT', key, midnight)
end
return 1
