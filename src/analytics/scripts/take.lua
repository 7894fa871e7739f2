-- Gives the batch that is there, or makes one of views that wait; there is one batch at a time.
-- KEYS: batch, waiting
-- ARGV: id of a new batch, posts in it at most
local batch, waiting = KEYS[1], KEYS[2]

if redis.call('EXISTS', batch) == 0 then
  local taken = redis.call('HRANDFIELD', waiting, ARGV[2], 'WITHVALUES')
  if #taken > 0 then
    for i = 1, #taken, 2 do
      redis.call('HDEL', waiting, taken[i])
    end
    redis.call('HSET', batch, 'id', ARGV[1], unpack(taken))
  end
end
return { redis.call('HGETALL', batch), redis.call('EXISTS', waiting) }
