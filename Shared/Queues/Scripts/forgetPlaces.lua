#!lua flags=allow-oom
-- Forgets all places that were taken under some names, which nobody asks for any more.
--
-- KEYS[1] set of the names under which places were taken   KEYS[2…] the sets of their instances
-- ARGV[1…] the name of each of these sets, in their order
-- Returns how many names were known
-- Complexity: O(names). Repeated: 0, nothing changes.
-- Keeps: a set of places never stays without its name.
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return redis.call('SREM', KEYS[1], unpack(ARGV))
