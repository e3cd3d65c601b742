#include "outlet/folder_name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/encoding.hpp"
#include "model/mailbox_name.hpp"

namespace mox::outlet {

namespace {

constexpr std::string_view mbox_suffix = ".mbox";
// Names that mean something else in a folder of an export.
constexpr std::array<std::string_view, 8> reserved{
    "cur", "new", "tmp", "subscriptions", "maildirfolder", "dovecot-keywords", "mox-keywords", "dovecot-uidlist"};

std::string escape(char c) {
    return '%' + to_hex(as_bytes(std::string_view(&c, 1)));
}

template <class Split>
void for_each_part(std::string_view name, char separator, Split&& visit) {
    for (;;) {
        const auto end = std::min(name.find(separator), name.size());
        visit(name.substr(0, end));
        if (end == name.size()) return;
        name.remove_prefix(end + 1);
    }
}

// One part of a name as a name of a folder that any system can hold.
std::string tree_part(std::string_view part) {
    constexpr std::string_view unwanted = "%\\:*?\"<>|";
    const bool is_reserved =
        std::any_of(reserved.begin(), reserved.end(), [&](auto name) { return equal_ignoring_case(name, part); });
    const bool looks_like_mbox = part.size() >= mbox_suffix.size() &&
                                 equal_ignoring_case(part.substr(part.size() - mbox_suffix.size()), mbox_suffix);
    std::string text;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const char c = part[i];
        const bool at_edge = i == 0 || i + 1 == part.size();
        const bool escaped = unwanted.find(c) != std::string_view::npos || (at_edge && (c == '.' || c == ' ')) ||
                             (i == 0 && is_reserved) || (looks_like_mbox && i + mbox_suffix.size() == part.size());
        text += escaped ? escape(c) : std::string(1, c);
    }
    return text;
}

std::string maildirpp_part(std::string_view part) {
    std::string text;
    for (const char c : part) text += c == '%' || c == '.' ? escape(c) : std::string(1, c);
    return to_modified_utf7(text);
}

std::optional<std::string> unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        const auto byte = from_hex(text.substr(std::min(i + 1, text.size()), 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        plain += *byte;
        i += 2;
    }
    return plain;
}

std::string tree_path(std::string_view name) {
    std::string path;
    for_each_part(name, '/', [&](std::string_view part) { path += (path.empty() ? "" : "/") + tree_part(part); });
    return path;
}

// With '.' before each part.
std::string maildirpp_path(std::string_view name) {
    std::string path;
    for_each_part(name, '/', [&](std::string_view part) {
        path += '.' + (path.empty() && part == model::inbox_name ? "INBOX" : maildirpp_part(part));
    });
    return path;
}

}  // namespace

std::string path_of_mailbox(std::string_view name, Layout layout) {
    if (layout != Layout::maildirpp) return tree_path(name) + (layout == Layout::mbox_tree ? ".mbox" : "");
    return name == model::inbox_name ? "" : maildirpp_path(name);
}

std::string subscription_line(std::string_view name, Layout layout) {
    if (name == model::inbox_name) return "INBOX";
    return layout == Layout::maildirpp ? maildirpp_path(name).substr(1) : tree_path(name);
}

std::optional<std::string> mailbox_of_path(std::string_view path, Layout layout) {
    if (layout == Layout::maildirpp && path.empty()) return std::string(model::inbox_name);
    const bool is_maildirpp = layout == Layout::maildirpp;
    if (is_maildirpp && !path.starts_with('.')) return std::nullopt;
    if (is_maildirpp) path.remove_prefix(1);
    if (layout == Layout::mbox_tree) {
        if (!path.ends_with(mbox_suffix)) return std::nullopt;
        path.remove_suffix(mbox_suffix.size());
    }
    std::string name;
    bool fits = true;
    for_each_part(path, is_maildirpp ? '.' : '/', [&](std::string_view part) {
        const auto text = is_maildirpp ? from_modified_utf7(part) : std::optional(std::string(part));
        const auto plain = text ? unescaped(*text) : std::nullopt;
        fits = fits && plain && !plain->empty() && plain->find('/') == std::string::npos;
        if (fits) name += (name.empty() ? "" : "/") + *plain;
    });
    name = model::normalised_mailbox_name(name);
    if (!fits || !model::mailbox_name_problem(name).empty()) return std::nullopt;
    return name;
}

}  // namespace mox::outlet
