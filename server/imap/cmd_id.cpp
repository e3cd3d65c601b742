#include <set>

#include "base/encoding.hpp"
#include "server/imap/commands.hpp"

namespace mox::imap {

namespace {

// RFC 2971 section 3.3: at most 30 pairs, keys of at most 30 bytes, values of at most 1024.
constexpr std::size_t max_pairs = 30, max_key_bytes = 30, max_value_bytes = 1024;

}  // namespace

// RFC 2971. What clients say of themselves is noted in the log, for those who have to find out why one fails.
void cmd_id(Session& session, Parser& parser) {
    parser.space();
    std::string about;
    if (!parser.take('(')) {
        if (parser.nstring()) parser.fail("expected a list or NIL");
    } else if (!parser.take(')')) {
        std::set<std::string> keys;
        do {
            const std::string key = parser.string();
            parser.space();
            const auto value = parser.nstring();
            if (!keys.insert(ascii_lower(key)).second) throw bad("duplicate key " + to_string(key));
            if (keys.size() > max_pairs || key.size() > max_key_bytes || value.value_or("").size() > max_value_bytes)
                throw bad("more than an ID may have");
            if (value) about += (about.empty() ? "" : " ") + key + "=" + *value;
        } while (parser.take(' '));
        if (!parser.take(')')) parser.fail("expected the end of the list");
    }
    parser.end();
    if (!about.empty()) session.log().info("client", {{"id", about}});
    session.untagged("ID (\"name\" \"mox\" \"version\" " + to_string(session.environment().version) + ")");
    session.ok();
}

}  // namespace mox::imap
