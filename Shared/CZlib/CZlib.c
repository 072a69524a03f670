#include "CZlib.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

/// Bytes that are made room for at first.
enum { FIRST_CAPACITY = 64 << 10 };

/// Makes room for more, up to one byte beyond the bound, by which it shows that more would come.
static czlib_outcome grow(uint8_t **buffer, size_t *capacity, size_t bytes_max) {
    size_t most = bytes_max + 1;
    if (*capacity >= most) return CZLIB_TOO_LARGE;
    size_t next = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    if (next > most) next = most;
    uint8_t *grown = realloc(*buffer, next);
    if (grown == NULL) return CZLIB_OUT_OF_MEMORY;
    *buffer = grown;
    *capacity = next;
    return CZLIB_INFLATED;
}

static czlib_outcome inflate_members(
    z_stream *stream, uint8_t **buffer, size_t *used, size_t bytes_max
) {
    size_t capacity = 0;
    for (;;) {
        if (*used == capacity) {
            czlib_outcome outcome = grow(buffer, &capacity, bytes_max);
            if (outcome != CZLIB_INFLATED) return outcome;
        }
        size_t room = capacity - *used;
        stream->next_out = *buffer + *used;
        stream->avail_out = (uInt)room;
        int result = inflate(stream, Z_NO_FLUSH);
        *used += room - stream->avail_out;
        if (*used > bytes_max) return CZLIB_TOO_LARGE;
        switch (result) {
        case Z_OK: break;
        case Z_STREAM_END:
            if (stream->avail_in == 0) return CZLIB_INFLATED;
            if (inflateReset(stream) != Z_OK) return CZLIB_BROKEN;
            break;
        // Nothing could be done: with room left that is for want of bytes.
        case Z_BUF_ERROR:
            if (stream->avail_out > 0) return CZLIB_CUT;
            break;
        case Z_MEM_ERROR: return CZLIB_OUT_OF_MEMORY;
        default: return CZLIB_BROKEN;
        }
    }
}

czlib_outcome czlib_gunzip(
    const uint8_t *bytes, size_t length, size_t bytes_max, uint8_t **out, size_t *out_length
) {
    *out = NULL;
    *out_length = 0;
    if (length == 0) return CZLIB_CUT;
    if (length > UINT_MAX || bytes_max >= UINT_MAX) return CZLIB_TOO_LARGE;
    z_stream stream = {0};
    // 15 bits of window, 16 for gzip alone.
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return CZLIB_OUT_OF_MEMORY;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)length;
    uint8_t *buffer = NULL;
    size_t used = 0;
    czlib_outcome outcome = inflate_members(&stream, &buffer, &used, bytes_max);
    inflateEnd(&stream);
    if (outcome != CZLIB_INFLATED) {
        free(buffer);
        return outcome;
    }
    *out = buffer;
    *out_length = used;
    return CZLIB_INFLATED;
}

void czlib_free(uint8_t *bytes) { free(bytes); }
