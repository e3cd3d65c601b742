#include "server/imap/reference_threads.hpp"

#include <catch2/catch.hpp>

#include <span>

using namespace mox;
using imap::ReferenceThreads;

namespace {

struct Sent {
    std::uint64_t id = 0;
    std::vector<std::uint64_t> references = {};
    std::string subject = {};
    bool is_reply = false;
    std::int64_t sent = 0;  // 0: in the order of the rows
};

// As THREAD writes it, from 1 on.
std::string tree(const ReferenceThreads& threads, std::uint32_t root) {
    std::string out = std::to_string(root + 1);
    const auto& children = threads.children(root);
    if (children.size() == 1) return out + " " + tree(threads, children.front());
    if (!children.empty()) out += ' ';
    for (const auto child : children) out += "(" + tree(threads, child) + ")";
    return out;
}

std::string threads_of(const std::vector<Sent>& messages) {
    ReferenceThreads threads;
    std::int64_t time = 0;
    for (const auto& one : messages) {
        ++time;
        threads.add({.id = one.id,
                     .references = one.references,
                     .subject = one.subject,
                     .is_reply = one.is_reply,
                     .sent = one.sent == 0 ? time : one.sent});
    }
    threads.finish();
    std::string out;
    for (const auto& roots : threads.threads()) {
        if (roots.size() > 1) out += '(';
        for (const auto root : roots) out += "(" + tree(threads, root) + ")";
        if (roots.size() > 1) out += ')';
    }
    return out;
}

}  // namespace

TEST_CASE("threads by references are those of RFC 5256", "[imap]") {
    struct Row {
        std::string what;
        std::vector<Sent> messages;
        std::string expected;
    };
    const std::vector<Row> rows{
        {"nothing", {}, ""},
        {"no references", {{1}, {2}, {}}, "(1)(2)(3)"},
        {"a conversation", {{1}, {2, {1}}, {3, {1, 2}}, {4, {1}}}, "(1 (2 3)(4))"},
        {"in any order", {{3, {1, 2}}, {2, {1}}, {1}}, "(3 2 1)"},
        {"by time, not by place",
         {{1, {}, "", false, 9}, {2, {1}, "", false, 8}, {3, {1}, "", false, 7}},
         "(1 (3)(2))"},
        {"two answers to what is not there", {{2, {1}}, {3, {1}}}, "((1)(2))"},
        {"one answer to what is not there", {{3, {1, 2}}}, "(1)"},
        {"what lies between is not there", {{1}, {4, {1, 2, 3}}}, "(1 2)"},
        {"the same, and what was told before is taken back by the message itself",
         {{1}, {3, {1, 4, 2}}, {4, {1}}},
         "(1 3 2)"},
        {"a missing one keeps its place among others", {{1}, {2, {1}}, {3, {1, 4, 2}}, {4, {1}}}, "(1 (2 3)(4))"},
        {"references in a circle", {{1}, {2, {3, 1}}, {3, {2}}}, "(3 1 2)"},
        {"to itself", {{1, {1}}, {2, {2, 1, 2}}}, "(2 1)"},
        {"two with one id", {{1}, {1}, {2, {1}}}, "(1 3)(2)"},
        {"no parent by its own words", {{2, {3, 1}}, {1}}, "(2 1)"},
        {"an answer by its subject", {{1, {}, "x"}, {2, {}, "x", true}}, "(1 2)"},
        {"an answer that came first", {{1, {}, "x", true}, {2, {}, "x"}}, "(2 1)"},
        {"two with one subject", {{1, {}, "x"}, {2, {}, "x"}}, "((1)(2))"},
        {"two answers with one subject", {{1, {}, "x", true}, {2, {}, "x", true}}, "((1)(2))"},
        {"no subject", {{1, {}, ""}, {2, {}, ""}}, "(1)(2)"},
        {"missing ones with one subject",
         {{2, {1}, "x"}, {3, {1}, "x"}, {5, {4}, "x"}, {6, {4}, "x"}},
         "((1)(2)(3)(4))"},
        {"a missing one and another message", {{9, {}, "x"}, {2, {1}, "x", true}, {3, {1}, "x", true}}, "((1)(2)(3))"},
        {"a subject deeper in a thread counts for nothing", {{1, {}, "x"}, {2, {1}, "y"}, {3, {}, "y"}}, "(1 2)(3)"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        CHECK(threads_of(row.messages) == row.expected);
    }
}

TEST_CASE("a deep thread is followed only so far, and no message is lost", "[imap]") {
    constexpr std::uint64_t count = 10'000;
    ReferenceThreads threads;
    const auto add = [&](std::uint64_t id, std::uint64_t reference) {
        threads.add({.id = id, .references = std::span(&reference, 1), .sent = static_cast<std::int64_t>(id)});
    };
    for (std::uint64_t id = 1; id <= count; ++id) add(count + id, id);  // each has an answer
    for (std::uint64_t id = 1; id <= count; ++id) add(id, id - 1);      // before it answers the one before
    threads.finish();
    std::size_t messages = 0;
    std::vector<std::uint32_t> left;
    for (const auto& roots : threads.threads()) left.insert(left.end(), roots.begin(), roots.end());
    while (!left.empty()) {
        const auto at = left.back();
        left.pop_back();
        ++messages;
        left.insert(left.end(), threads.children(at).begin(), threads.children(at).end());
    }
    CHECK(messages == 2 * count);
}
