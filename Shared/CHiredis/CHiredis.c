#include "CHiredis.h"

#include <stdlib.h>

typedef struct {
    const chiredis_sink *sink;
    void *context;
} target;

// hiredis takes NULL for "out of memory" and never looks at anything else that the functions return.
static char made;

static void *make_string(const redisReadTask *task, char *bytes, size_t length) {
    target *to = task->privdata;
    switch (task->type) {
    case REDIS_REPLY_ERROR: to->sink->error(to->context, bytes, length); break;
    case REDIS_REPLY_STATUS: to->sink->status(to->context, bytes, length); break;
    default: to->sink->string(to->context, bytes, length); break;
    }
    return &made;
}

#if HIREDIS_MAJOR >= 1
static void *make_array(const redisReadTask *task, size_t count) {
#else
static void *make_array(const redisReadTask *task, int count) {
#endif
    target *to = task->privdata;
    to->sink->array(to->context, (size_t)count);
    return &made;
}

static void *make_integer(const redisReadTask *task, long long value) {
    target *to = task->privdata;
    to->sink->integer(to->context, value);
    return &made;
}

static void *make_null(const redisReadTask *task) {
    target *to = task->privdata;
    to->sink->null(to->context);
    return &made;
}

static void free_nothing(void *object) { (void)object; }

// Types of RESP3 have no function: RESP2 is spoken, and a reader that meets one fails.
static redisReplyObjectFunctions functions = {
    .createString = make_string,
    .createArray = make_array,
    .createInteger = make_integer,
    .createNil = make_null,
    .freeObject = free_nothing,
};

int chiredis_send_replies_to(redisReader *reader, const chiredis_sink *sink, void *context) {
    target *to = malloc(sizeof *to);
    if (to == NULL) return REDIS_ERR;
    to->sink = sink;
    to->context = context;
    reader->fn = &functions;
    reader->privdata = to;
    return REDIS_OK;
}

void chiredis_detach(redisReader *reader) {
    free(reader->privdata);
    reader->privdata = NULL;
}
