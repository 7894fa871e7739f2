-- Prepended to the scripts that use the log. KEYS: 1 clock (hash), 2 log (sorted set).
local clock, log = KEYS[1], KEYS[2]

-- The epoch that stands. Where a key is missing, or another server wrote them (after a restart or a
-- failover the tail of the log may be lost), a new epoch begins: nothing older is valid in it.
local function standing_epoch(random)
  local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  local epoch = redis.call('HGET', clock, 'epoch')
  if epoch and redis.call('EXISTS', log) == 1 and string.sub(epoch, -#replid) == replid then
    return epoch
  end
  local seq = redis.call('HGET', clock, 'seq') or '0'
  epoch = random .. '|' .. replid
  redis.call('HSET', clock, 'epoch', epoch, 'seq', seq, 'floor', seq)
  redis.call('DEL', log)
  redis.call('ZADD', log, seq, 'ns')
  return epoch
end
