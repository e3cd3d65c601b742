#include "model/mailbox_name.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mime/charset.hpp"

namespace mox::model {

namespace {

bool has_control(std::string_view name) {
    for (std::size_t i = 0; i < name.size();) {
        const auto c = static_cast<unsigned char>(name[i]);
        if (c < 0x20 || c == 0x7f) return true;
        const std::size_t length = utf8_sequence_length(name.substr(i));
        const auto sequence = name.substr(i, length);
        if (length == 2 && c == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0) return true;
        if (sequence == "\u2028" || sequence == "\u2029") return true;
        i += std::max<std::size_t>(length, 1);
    }
    return false;
}

std::string_view part_problem(std::string_view part) {
    if (part.empty()) return "has an empty part (a slash at an end, or two in a row)";
    if (part == "." || part == "..") return "has a part '.' or '..'";
    return {};
}

}  // namespace

std::string normalised_mailbox_name(std::string_view name) {
    if (!is_utf8(name)) return std::string(name);  // not repaired: mailbox_name_problem() has something to say
    std::string result = mime::nfc(name);
    const std::size_t first = std::min(result.find('/'), result.size());
    if (equal_ignoring_case(std::string_view(result).substr(0, first), inbox_name))
        result.replace(0, first, inbox_name);
    return result;
}

std::string_view mailbox_name_problem(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.size() > max_mailbox_name_bytes) return "is longer than 1000 bytes";
    if (!is_utf8(name)) return "is not UTF-8";
    if (has_control(name)) return "has a control character";
    if (name.front() == '#') return "starts with '#'";
    std::size_t depth = 0;
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        if (const auto problem = part_problem(name.substr(start, end - start)); !problem.empty()) return problem;
        if (++depth > max_mailbox_depth) return "is nested deeper than 50";
        start = end + 1;
    }
    if (normalised_mailbox_name(name) != name) return "is not normalised (NFC, 'Inbox')";
    return {};
}

std::string_view parent_of(std::string_view name) {
    const auto slash = name.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

std::vector<std::string_view> ancestors_of(std::string_view name) {
    std::vector<std::string_view> ancestors;
    for (auto slash = name.find('/'); slash != std::string_view::npos; slash = name.find('/', slash + 1))
        ancestors.push_back(name.substr(0, slash));
    return ancestors;
}

}  // namespace mox::model
