-- KEYS: 1 lock, 2 entry. ARGV: 1 lock text, 2 ms to live, 3 the lock that may be replaced, or ''.
-- Returns {1 or 0, the lock that stands, the entry}: locking and reading again in one round trip.
local standing = redis.call('GET', KEYS[1])
local acquired = 0
if not standing or standing == ARGV[3] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  standing = ARGV[1]
  acquired = 1
end
return {acquired, standing, redis.call('GET', KEYS[2])}
