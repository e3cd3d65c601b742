#include "server/imap/list_pattern.hpp"

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"
#include "model/mailbox_name.hpp"

namespace mox::imap {

bool matches_pattern(std::string_view name, std::string_view pattern) {
    const bool inbox = name == model::inbox_name || name.starts_with(std::string(model::inbox_name) + "/");
    const std::size_t any_case = inbox ? model::inbox_name.size() : 0;
    // Whether the pattern so far can have matched the first `i` bytes of the name.
    std::vector<bool> now(name.size() + 1, false), next(name.size() + 1, false);
    now[0] = true;
    for (const char c : pattern) {
        std::fill(next.begin(), next.end(), false);
        if (c == '*' || c == '%') {
            bool reached = false;
            for (std::size_t i = 0; i <= name.size(); ++i) {
                if (i > 0 && c == '%' && name[i - 1] == '/') reached = false;
                reached = reached || now[i];
                next[i] = reached;
            }
        } else {
            for (std::size_t i = 0; i < name.size(); ++i)
                next[i + 1] = now[i] && (name[i] == c || (i < any_case && ascii_lower(name[i]) == ascii_lower(c)));
        }
        std::swap(now, next);
    }
    return now[name.size()];
}

std::string joined_pattern(std::string_view reference, std::string_view pattern) {
    if (reference.empty()) return std::string(pattern);
    std::string out(reference);
    if (!out.ends_with('/') && !pattern.starts_with('/')) out += '/';
    if (out.ends_with('/') && pattern.starts_with('/')) pattern.remove_prefix(1);
    return out.append(pattern);
}

}  // namespace mox::imap
