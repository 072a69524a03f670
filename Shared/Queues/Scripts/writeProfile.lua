#!lua
-- Writes a person's profile, if it is still at the revision that the new one was made from.
--
-- KEYS[1] profile
-- ARGV[1] revision expected (0: no profile)   ARGV[2] the new document, which ends in `"revision":n,"updatedAt":ms}`
-- Returns 1 written   0 changed meanwhile: read again   2 the stored document is the new one already
-- Complexity: O(size of the documents). Repeated: 2.
-- Keeps: no write is lost between two writers.
local stored = redis.call('GET', KEYS[1]) or ''
if stored == ARGV[2] then return 2 end
local revision = string.match(string.sub(stored, -64), '"revision":(%d+),"updatedAt":%d+}$') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
