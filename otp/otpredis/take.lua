-- Takes one slot of a rate. A slot is a member of a sorted set; its score is when it is free again, on the server's clock.
-- Times are microseconds.
--
-- KEYS: the slots; the record of when they came to be
-- ARGV: the caller's token, which makes a repeated call harmless; the rate's events and window; how long the request may
-- be under way; how many stand before the caller in its line; the record that this process has seen, '' = none;
-- how long to wait when slots were lost
-- Returns: 0 when the slot is taken, else how long until one may be free; the record
local slots, record = KEYS[1], KEYS[2]
local token, seen = ARGV[1], ARGV[6]
local events, window, flight = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ahead, mourning = tonumber(ARGV[5]), tonumber(ARGV[7])

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local afterNow = '(' .. string.format('%.0f', now) -- all scores after now

-- Whoever knows an older record knows that the server has lost its data, and with it slots that are in use.
local fields = redis.call('HMGET', record, 'id', 'from')
local id, from = fields[1], tonumber(fields[2] or 0)
if not id then
  id, from = token, 0
  redis.call('HSET', record, 'id', id, 'from', from)
end
if seen ~= '' and seen ~= id and from == 0 then
  from = now + mourning
  redis.call('HSET', record, 'from', from)
end
if from > now then
  return {from - now, id}
end

if redis.call('ZSCORE', slots, token) then
  return {0, id}
end

local busy = redis.call('ZCOUNT', slots, afterNow, '+inf')
local missing = busy + ahead - events
if missing < 0 then
  redis.call('ZADD', slots, now + flight + window, token)
  redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
  local last = redis.call('ZRANGE', slots, -1, -1, 'WITHSCORES')
  redis.call('PEXPIRE', slots, math.ceil((last[2] - now) / 1000) + 1)
  return {0, id}
end

-- A slot whose request is under way may be answered at any moment; then it needs another window.
local wait = window
local first = redis.call('ZRANGEBYSCORE', slots, afterNow, '+inf', 'WITHSCORES', 'LIMIT', missing % events, 1)
if first[2] then
  wait = math.min(wait, first[2] - now)
end
return {wait + math.floor(missing / events) * window, id}
