#!lua
-- Writes one document: a new one, or the next revision of the one that the caller read.
--
-- KEYS[1] {sj:config}:<kind>            hash: name -> document, beginning with {"revision":n,
-- KEYS[2] {sj:config}:<kind>:revisions  hash: name@revision -> document; name -> last revision of a deleted name
-- KEYS[3] {sj:config}:audit             list, newest first
-- KEYS[4] {sj:config}:changes           hash: kind -> writes so far; all -> of every kind
-- KEYS[5] {sj:config}:write:<token>     string: the revision that this very call wrote
-- ARGV[1] name
-- ARGV[2] revision that the document is based on; 0: there must be none
-- ARGV[3] document, a JSON object without its revision, with at least one member
-- ARGV[4] audit entry, likewise
-- ARGV[5] kind
-- ARGV[6] revisions to keep, 0 for none
-- ARGV[7] documents of the kind at most
-- ARGV[8] audit entries at most
-- ARGV[9] milliseconds for which a repeated call is recognised
-- ARGV[10] channel for announcements
-- ARGV[11] number of all writes that the caller's checks were made at; empty: no matter
--
-- Returns {1, revision} written, or written by an earlier call with this token; {2, revision} another revision is in
-- force; {3, 0} there is none of this name; {4, 0} the kind is full; {5, 0} other writes came between; {6, 0} the
-- stored document is not one. Safe to repeat with the same token.
-- Complexity: O(1) but for the trim of one audit entry.
-- Invariant: the revision of a name only grows, over deletion too.

local done = redis.call('GET', KEYS[5])
if done then return {1, tonumber(done)} end

local based = tonumber(ARGV[2])
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local current = 0
if stored then
  current = tonumber(string.match(stored, '^{"revision":(%d+),'))
  if not current then return {6, 0} end
end
if based == 0 and stored then return {2, current} end
if based > 0 and not stored then return {3, 0} end
if based ~= current then return {2, current} end
if not stored and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[7]) then return {4, 0} end
if ARGV[11] ~= '' and (redis.call('HGET', KEYS[4], 'all') or '0') ~= ARGV[11] then return {5, 0} end

if not stored then
  current = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
end
local revision = string.format('%.0f', current + 1)
local document = '{"revision":' .. revision .. ',' .. string.sub(ARGV[3], 2)
redis.call('HSET', KEYS[1], ARGV[1], document)
local keep = tonumber(ARGV[6])
if keep > 0 then
  redis.call('HSET', KEYS[2], ARGV[1] .. '@' .. revision, document)
  redis.call('HDEL', KEYS[2], ARGV[1] .. '@' .. string.format('%.0f', current + 1 - keep))
end
redis.call('LPUSH', KEYS[3], '{"revision":' .. revision .. ',' .. string.sub(ARGV[4], 2))
redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[8]) - 1)
redis.call('HINCRBY', KEYS[4], ARGV[5], 1)
redis.call('HINCRBY', KEYS[4], 'all', 1)
redis.call('SET', KEYS[5], revision, 'PX', ARGV[9])
redis.call('PUBLISH', ARGV[10], ARGV[5])
return {1, current + 1}
