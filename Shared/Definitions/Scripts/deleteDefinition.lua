#!lua
-- Deletes one document at the revision that the caller read.
--
-- KEYS[1] {sj:config}:<kind>            hash: name -> document, beginning with {"revision":n,
-- KEYS[2] {sj:config}:<kind>:revisions  hash: name@revision -> document; name -> last revision of a deleted name
-- KEYS[3] {sj:config}:audit             list, newest first
-- KEYS[4] {sj:config}:changes           hash: kind -> writes so far; all -> of every kind
-- KEYS[5] {sj:config}:write:<token>     string: the revision that this very call deleted
-- KEYS[6] {sj:config}:<kind>:deleted    list: deleted names whose past is kept, newest first
-- ARGV[1] name
-- ARGV[2] revision that is to be deleted
-- ARGV[3] audit entry, a JSON object without its revision, with at least one member
-- ARGV[4] kind
-- ARGV[5] revisions that are kept of a name, 0 for none
-- ARGV[6] deleted names whose past is kept at most
-- ARGV[7] audit entries at most
-- ARGV[8] milliseconds for which a repeated call is recognised
-- ARGV[9] channel for announcements
-- ARGV[10] number of all writes that the caller's checks were made at; empty: no matter
--
-- Returns {1, revision} deleted, or deleted by an earlier call with this token; {2, revision} another revision is in
-- force; {3, 0} there is none of this name; {5, 0} other writes came between; {6, 0} the stored document is not one.
-- Safe to repeat with the same token.
-- Complexity: O(ARGV[6] + ARGV[5]).
-- Invariant: a revision that a queued request may name stays readable while the name is among the kept ones.

local done = redis.call('GET', KEYS[5])
if done then return {1, tonumber(done)} end

local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return {3, 0} end
local current = tonumber(string.match(stored, '^{"revision":(%d+),'))
if not current then return {6, 0} end
if tonumber(ARGV[2]) ~= current then return {2, current} end
if ARGV[10] ~= '' and (redis.call('HGET', KEYS[4], 'all') or '0') ~= ARGV[10] then return {5, 0} end

local revision = string.format('%.0f', current)
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], revision)
redis.call('LREM', KEYS[6], 0, ARGV[1])
redis.call('LPUSH', KEYS[6], ARGV[1])
if redis.call('LLEN', KEYS[6]) > tonumber(ARGV[6]) then
  local oldest = redis.call('RPOP', KEYS[6])
  if redis.call('HEXISTS', KEYS[1], oldest) == 0 then
    local last = tonumber(redis.call('HGET', KEYS[2], oldest) or '0')
    for number = last - tonumber(ARGV[5]) + 1, last do
      redis.call('HDEL', KEYS[2], oldest .. '@' .. string.format('%.0f', number))
    end
    redis.call('HDEL', KEYS[2], oldest)
  end
end
redis.call('LPUSH', KEYS[3], '{"revision":' .. revision .. ',' .. string.sub(ARGV[3], 2))
redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[7]) - 1)
redis.call('HINCRBY', KEYS[4], ARGV[4], 1)
redis.call('HINCRBY', KEYS[4], 'all', 1)
redis.call('SET', KEYS[5], revision, 'PX', ARGV[8])
redis.call('PUBLISH', ARGV[9], ARGV[4])
return {1, current}
