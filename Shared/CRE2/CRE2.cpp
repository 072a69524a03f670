#include "CRE2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <vector>

struct cre2_pattern {
    cre2_pattern(re2::StringPiece text, const RE2::Options &options) : expression(text, options) {}
    RE2 expression;
};

static cre2_refusal refusal_of(RE2::ErrorCode code) {
    switch (code) {
    case RE2::NoError: return CRE2_ACCEPTED;
    case RE2::ErrorBadEscape: return CRE2_BAD_ESCAPE;
    case RE2::ErrorBadCharClass: return CRE2_BAD_CLASS;
    case RE2::ErrorBadCharRange: return CRE2_BAD_RANGE;
    case RE2::ErrorMissingBracket: return CRE2_MISSING_BRACKET;
    case RE2::ErrorMissingParen: return CRE2_MISSING_PARENTHESIS;
    case RE2::ErrorUnexpectedParen: return CRE2_UNEXPECTED_PARENTHESIS;
    case RE2::ErrorTrailingBackslash: return CRE2_TRAILING_BACKSLASH;
    case RE2::ErrorRepeatArgument: return CRE2_NOTHING_TO_REPEAT;
    case RE2::ErrorRepeatSize: return CRE2_REPEAT_COUNT;
    case RE2::ErrorRepeatOp: return CRE2_REPEAT_OPERATOR;
    case RE2::ErrorBadPerlOp: return CRE2_GROUP_KIND;
    case RE2::ErrorBadNamedCapture: return CRE2_GROUP_NAME;
    case RE2::ErrorBadUTF8: return CRE2_BAD_UTF8;
    case RE2::ErrorPatternTooLarge: return CRE2_TOO_LARGE;
    case RE2::ErrorInternal: return CRE2_OTHER;
    }
    return CRE2_OTHER;
}

// `noexcept`: nothing of RE2 throws but the allocator, and being out of memory ends the process in Swift too.

cre2_pattern *cre2_compile(
    const char *bytes, size_t length, int64_t memory_bytes_max, cre2_refusal *refusal, char *piece,
    size_t piece_capacity) noexcept {
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(memory_bytes_max);
    auto *pattern = new cre2_pattern(re2::StringPiece(bytes, length), options);
    *refusal = refusal_of(pattern->expression.error_code());
    if (piece_capacity > 0) {
        const std::string &argument = pattern->expression.error_arg();
        size_t count = std::min(argument.size(), piece_capacity - 1);
        std::memcpy(piece, argument.data(), count);
        piece[count] = 0;
    }
    if (*refusal == CRE2_ACCEPTED) return pattern;
    delete pattern;
    return nullptr;
}

void cre2_free(cre2_pattern *pattern) noexcept { delete pattern; }

int32_t cre2_program_size(const cre2_pattern *pattern) noexcept { return pattern->expression.ProgramSize(); }

int32_t cre2_group_count(const cre2_pattern *pattern) noexcept { return pattern->expression.NumberOfCapturingGroups(); }

int32_t cre2_group_named(const cre2_pattern *pattern, const char *name, size_t length) noexcept {
    const auto &groups = pattern->expression.NamedCapturingGroups();
    auto found = groups.find(std::string(name, length));
    return found == groups.end() ? -1 : found->second;
}

int cre2_find(
    const cre2_pattern *pattern, const char *text, size_t length, size_t start, cre2_span *spans,
    int32_t count) noexcept {
    const re2::StringPiece whole(text, length);
    std::vector<re2::StringPiece> groups(std::max(count, 0));
    if (!pattern->expression.Match(whole, start, length, RE2::UNANCHORED, groups.data(), count)) return 0;
    for (int32_t place = 0; place < count; place++) {
        const re2::StringPiece &group = groups[place];
        if (group.data() == nullptr) {
            spans[place] = {-1, -1};
        } else {
            spans[place] = {group.data() - text, group.data() - text + static_cast<ptrdiff_t>(group.size())};
        }
    }
    return 1;
}
