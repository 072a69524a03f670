// What Swift cannot call of RE2, which is C++: compiling a pattern and finding it in a text, without exceptions and
// without a word on standard error. Texts are UTF-8 with a length; they may hold any byte.

#ifndef CRE2_H
#define CRE2_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CRE2_NOEXCEPT noexcept
extern "C" {
#else
#define CRE2_NOEXCEPT
#endif

/// A compiled pattern. It never changes, so any number of threads may use it at once.
typedef struct cre2_pattern cre2_pattern;

/// Why a pattern was refused.
typedef enum {
    CRE2_ACCEPTED = 0,
    CRE2_BAD_ESCAPE,
    CRE2_BAD_CLASS,
    CRE2_BAD_RANGE,
    CRE2_MISSING_BRACKET,
    CRE2_MISSING_PARENTHESIS,
    CRE2_UNEXPECTED_PARENTHESIS,
    CRE2_TRAILING_BACKSLASH,
    CRE2_NOTHING_TO_REPEAT,
    CRE2_REPEAT_COUNT,
    CRE2_REPEAT_OPERATOR,
    CRE2_GROUP_KIND,
    CRE2_GROUP_NAME,
    CRE2_BAD_UTF8,
    CRE2_TOO_LARGE,
    CRE2_OTHER
} cre2_refusal;

/// Compiles a pattern whose program and caches take at most `memory_bytes_max`. Returns NULL where it is refused;
/// then `*refusal` says why and `piece` holds the offending piece, which is cut at its capacity and ends with 0.
cre2_pattern *cre2_compile(
    const char *bytes, size_t length, int64_t memory_bytes_max, cre2_refusal *refusal, char *piece,
    size_t piece_capacity) CRE2_NOEXCEPT;

void cre2_free(cre2_pattern *pattern) CRE2_NOEXCEPT;

/// How large the compiled program is: with the length of a text it bounds the time of a search.
int32_t cre2_program_size(const cre2_pattern *pattern) CRE2_NOEXCEPT;

/// The groups in parentheses, without group 0, which is the whole match.
int32_t cre2_group_count(const cre2_pattern *pattern) CRE2_NOEXCEPT;

/// The number of a named group; -1 where there is none.
int32_t cre2_group_named(const cre2_pattern *pattern, const char *name, size_t length) CRE2_NOEXCEPT;

/// Where a group matched, in bytes; both are -1 for a group that took no part.
typedef struct {
    ptrdiff_t start;
    ptrdiff_t end;
} cre2_span;

/// Finds the first match that begins at `start` or behind it. Fills `count` spans, group 0 first; with 0 it only tells
/// whether there is one, which is faster. Returns 1 or 0. The time is linear in the length of the text.
int cre2_find(
    const cre2_pattern *pattern, const char *text, size_t length, size_t start, cre2_span *spans,
    int32_t count) CRE2_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
