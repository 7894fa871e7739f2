-- Removes a batch that is in the database; never the one after it.
-- KEYS: batch
-- ARGV: its id
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
