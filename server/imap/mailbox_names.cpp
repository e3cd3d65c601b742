#include "server/imap/mailbox_names.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "model/mailbox_name.hpp"
#include "outlet/folder_name.hpp"

namespace mox::imap {

namespace {

bool is_plain(std::string_view text) {
    return !text.empty() && !equal_ignoring_case(text, "NIL") && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && std::string_view("(){%*\"\\").find(c) == std::string_view::npos;
    });
}

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace

std::string mailbox_from_wire(const Enabled& enabled, std::string_view name) {
    if (!enabled.utf8_strings())
        if (const auto decoded = outlet::from_modified_utf7(name)) return model::normalised_mailbox_name(*decoded);
    return model::normalised_mailbox_name(name);
}

std::string mailbox_to_wire(const Enabled& enabled, std::string_view name) {
    if (is_plain(name) && name.find('&') == std::string_view::npos) return std::string(name);
    const std::string text = enabled.utf8_strings() ? std::string(name) : outlet::to_modified_utf7(name);
    return is_plain(text) ? text : in_quotes(text);
}

std::string parse_mailbox(Session& session, Parser& parser) {
    return mailbox_from_wire(session.enabled(), parser.astring());
}

void require_mailbox_name(std::string_view name) {
    if (const auto problem = model::mailbox_name_problem(name); !problem.empty())
        throw no("mailbox name " + std::string(problem), "CANNOT");
}

}  // namespace mox::imap
