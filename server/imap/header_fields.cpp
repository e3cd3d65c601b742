#include "server/imap/header_fields.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mime/header.hpp"

namespace mox::imap {

std::string chosen_fields(std::string_view header, const std::vector<std::string>& names, Fields which) {
    std::string out;
    mime::FieldReader fields(header);
    while (const auto field = fields.next()) {
        const bool named =
            std::ranges::any_of(names, [&](const auto& name) { return equal_ignoring_case(name, field->name); });
        if (named != (which == Fields::only)) continue;
        out += header.substr(field->offset, field->size);
        if (!out.ends_with('\n')) out += "\r\n";
    }
    return out + "\r\n";
}

}  // namespace mox::imap
