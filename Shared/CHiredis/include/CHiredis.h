// What Swift cannot call of hiredis: the table of functions by which its reader hands over what it has parsed, whose
// signatures differ between versions of hiredis. Also the header of Linux that the Glibc module leaves out.

#ifndef CHIREDIS_H
#define CHIREDIS_H

#include <hiredis/hiredis.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

/// Receives the parts of replies in the order of the wire. An array comes before its elements. The context is
/// the one given to `chiredis_send_replies_to`. Bytes are valid during the call only.
typedef struct {
    void (*string)(void *context, const char *bytes, size_t length);
    void (*status)(void *context, const char *bytes, size_t length);
    void (*error)(void *context, const char *bytes, size_t length);
    void (*integer)(void *context, int64_t value);
    void (*null)(void *context);
    void (*array)(void *context, size_t count);
} chiredis_sink;

/// From now on the reader builds no objects of its own but tells the sink. Call it before the first reply; `sink`
/// and `context` outlive the reader. Returns REDIS_ERR when memory is out.
int chiredis_send_replies_to(redisReader *reader, const chiredis_sink *sink, void *context);

/// Frees what `chiredis_send_replies_to` made; call it before the reader is freed.
void chiredis_detach(redisReader *reader);

#endif
