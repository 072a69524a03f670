// What Swift would have to write around zlib: inflating a whole gzip body with a bound on what comes out.

#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    CZLIB_INFLATED = 0,
    /// These bytes are not gzip, or a checksum is wrong.
    CZLIB_BROKEN,
    /// The bytes end in the middle.
    CZLIB_CUT,
    /// More than the bound would come out.
    CZLIB_TOO_LARGE,
    CZLIB_OUT_OF_MEMORY
} czlib_outcome;

/// Inflates gzip (RFC 1952), several members one after another included. On CZLIB_INFLATED `*out` holds `*out_length`
/// bytes, at most `bytes_max`, to be freed by czlib_free; else it is NULL. Takes at most `bytes_max` and 64 KiB of
/// memory beside what zlib itself needs.
czlib_outcome czlib_gunzip(
    const uint8_t *bytes, size_t length, size_t bytes_max, uint8_t **out, size_t *out_length);

void czlib_free(uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
