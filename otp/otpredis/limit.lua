-- Lets requests of one rate go. A slot is a member of a sorted set; its score is when it is free again.
-- Times are microseconds on the server's clock, which never runs backwards here.
--
-- KEYS: the slots; the record of what should be there
-- ARGV: a fresh id; the rate's events and window; how long nothing goes after a loss; the record that the
-- caller has seen: generation, id, sequence; after what time nobody waits for the reply, 0 = never; 1 if
-- the clock or the data cannot be trusted; the time of the last reply before an outage, -1 = there was
-- none, 0 = no outage; 1 if the slots that are wanted are the caller's own; how many slots have news;
-- their tokens, each with the time until it is free; the wanted slots' tokens, each with the time that
-- its request may be under way
-- Returns in JSON: how many of the wanted slots are the caller's, -1 = the call came too late; the record's
-- generation, id and sequence; the time; when the slots were last held after an outage; how long nothing
-- goes; the times until further slots are free
local slots, record = KEYS[1], KEYS[2]
local events, window, silence = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local seenGeneration, seenId, seenSequence = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local by, lost, away, own = tonumber(ARGV[8]), ARGV[9] == '1', tonumber(ARGV[10]), ARGV[11] == '1'
local wanted = 13 + 2 * ARGV[12]

local time = redis.call('TIME')
local clock = time[1] * 1000000 + time[2]
local now = clock

local fields = redis.call('HMGET', record, 'generation', 'id', 'sequence', 'now', 'last', 'held', 'from')
local generation, id, sequence = tonumber(fields[1] or 0), fields[2], tonumber(fields[3] or 0)
local latest, last = tonumber(fields[4] or 0), tonumber(fields[5] or 0)
local held, from = tonumber(fields[6] or 0), tonumber(fields[7] or 0)

local function reply(granted, waits)
  return cjson.encode({
    Granted = granted, Generation = generation, ID = id or '', Sequence = sequence,
    Now = string.format('%.0f', now), Held = string.format('%.0f', held), Silent = math.max(0, from - now), Waits = waits,
  })
end
if by > 0 and now > by then
  return reply(-1)
end
lost = lost and seenGeneration == generation -- otherwise somebody else has said so

if now < latest - 1000000 then -- another server, whose clock is behind
  lost = true
  redis.call('ZREMRANGEBYSCORE', slots, '-inf', '+inf')
else
  now = math.max(now, latest)
end

-- While Redis was away, each process went on with its own slots, and not all of them have told so yet.
if away > 0 and held <= away or away < 0 and held < latest then
  held = now
  local kept = redis.call('ZRANGEBYSCORE', slots, string.format('(%.0f', latest), '+inf', 'WITHSCORES')
  for i = 1, #kept, 2 do
    redis.call('ZADD', slots, math.max(kept[i + 1], now + silence), kept[i])
  end
  lost = lost or #kept == 0 and last > latest
end

local changed = redis.call('ZREMRANGEBYSCORE', slots, '-inf', now) > 0 or held == now
local busy = redis.call('ZCOUNT', slots, '-inf', '+inf')

-- Slots and record vouch for each other, and what a caller has seen for both.
lost = lost or seenGeneration > generation
  or seenGeneration == generation and generation > 0 and (seenId ~= id or seenSequence > sequence)
  or busy == 0 and last > now or busy > 0 and generation == 0
if lost or generation == 0 then
  generation, id, sequence = math.max(generation, seenGeneration) + 1, ARGV[1], 0
  from, changed = lost and now + silence or 0, true
end

for i = 13, wanted - 1, 2 do
  redis.call('ZADD', slots, now + ARGV[i + 1], ARGV[i])
  changed = true
end
if wanted > 13 then
  redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
  busy = redis.call('ZCOUNT', slots, '-inf', '+inf')
end

local granted, open = 0, from <= now or own
for i = wanted, #ARGV, 2 do
  local known = redis.call('ZSCORE', slots, ARGV[i]) -- it is the caller's own, or the call was repeated
  if not open or not known and busy >= events then
    break
  end
  redis.call('ZADD', slots, now + ARGV[i + 1] + window, ARGV[i])
  busy = busy + (known and 0 or 1)
  granted, sequence, changed = granted + 1, sequence + 1, true
end

if changed then
  local newest = redis.call('ZRANGE', slots, -1, -1, 'WITHSCORES')
  last = tonumber(newest[2] or 0)
  redis.call('HSET', record, 'generation', generation, 'id', id, 'sequence', sequence,
    'now', now, 'last', last, 'held', held, 'from', from)
  redis.call('PEXPIRE', slots, math.ceil(math.max(0, last - clock) / 1000) + 86400000) -- outlives an outage
end

local missing, waits = (#ARGV - wanted + 1) / 2 - granted, nil
if missing > 0 and busy > 0 then
  waits = {}
  local soonest = redis.call('ZRANGE', slots, 0, missing - 1, 'WITHSCORES')
  for i = 2, #soonest, 2 do
    waits[#waits + 1] = soonest[i] - now
  end
end
return reply(granted, waits)
