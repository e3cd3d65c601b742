#include "mime/message.hpp"

#include <fmt/format.h>

namespace mox::mime {

namespace {

bool same(const std::shared_ptr<const Envelope>& a, const std::shared_ptr<const Envelope>& b) {
    return a == nullptr || b == nullptr ? a == b : *a == *b;
}

// Empty when `part` and all in it lie in [begin, end].
std::string check_part(const Part& part, std::uint64_t begin, std::uint64_t end, const std::string& name) {
    if (part.header_offset < begin)
        return fmt::format("part {}: header at {}, before {}", name, part.header_offset, begin);
    if (part.body_offset < part.header_offset)
        return fmt::format("part {}: body at {}, before its header at {}", name, part.body_offset, part.header_offset);
    if (part.end_offset < part.body_offset)
        return fmt::format("part {}: end at {}, before its body at {}", name, part.end_offset, part.body_offset);
    if (part.end_offset > end) return fmt::format("part {}: end at {}, beyond {}", name, part.end_offset, end);
    if (part.lines > part.body_size())
        return fmt::format("part {}: {} lines in {} bytes", name, part.lines, part.body_size());
    std::uint64_t from = part.body_offset;
    for (std::size_t i = 0; i < part.children.size(); ++i) {
        const auto& child = part.children[i];
        if (auto problem = check_part(child, from, part.end_offset, fmt::format("{}.{}", name, i + 1));
            !problem.empty())
            return problem;
        from = child.end_offset;
    }
    return {};
}

}  // namespace

bool operator==(const Part& a, const Part& b) {
    return a.header_offset == b.header_offset && a.body_offset == b.body_offset && a.end_offset == b.end_offset &&
           a.lines == b.lines && a.decoded_size == b.decoded_size && a.type == b.type && a.subtype == b.subtype &&
           a.parameters == b.parameters && a.encoding == b.encoding && a.encoding_name == b.encoding_name &&
           a.content_id == b.content_id && a.description == b.description && a.md5 == b.md5 &&
           a.location == b.location && a.disposition == b.disposition &&
           a.disposition_parameters == b.disposition_parameters && a.languages == b.languages &&
           same(a.envelope, b.envelope) && a.children == b.children;
}

bool operator==(const Message& a, const Message& b) {
    const bool same_offset = !a.date || !b.date || a.date->offset_minutes == b.date->offset_minutes;
    return a.size_bytes == b.size_bytes && a.root == b.root && a.date == b.date && same_offset &&
           a.defects == b.defects;
}

std::string_view to_string(DefectKind kind) {
    switch (kind) {
        case DefectKind::garbage_header_line:
            return "a header line is neither field nor continuation";
        case DefectKind::header_too_large:
            return "header too large";
        case DefectKind::too_many_fields:
            return "too many header fields";
        case DefectKind::header_without_end:
            return "no empty line after the header";
        case DefectKind::bad_date:
            return "unreadable date";
        case DefectKind::bad_address:
            return "malformed address";
        case DefectKind::bad_content_type:
            return "unreadable content type";
        case DefectKind::bad_parameter:
            return "malformed parameter";
        case DefectKind::unknown_encoding:
            return "unknown transfer encoding";
        case DefectKind::hidden_parts:
            return "transfer encoding of a multipart or message";
        case DefectKind::missing_boundary:
            return "multipart without usable boundary";
        case DefectKind::no_parts:
            return "multipart without parts";
        case DefectKind::missing_close_boundary:
            return "multipart without closing boundary";
        case DefectKind::too_deep:
            return "parts nested too deeply";
        case DefectKind::too_many_parts:
            return "too many parts";
        case DefectKind::structure_too_large:
            return "texts of the structure too large";
        case DefectKind::bad_base64:
            return "characters outside the base64 alphabet";
        case DefectKind::bad_message_id:
            return "malformed message id";
        case DefectKind::too_many_defects:
            return "too many defects to list";
    }
    return "unknown defect";
}

std::string check_offsets(const Message& message, std::uint64_t size) {
    if (message.size_bytes != size)
        return fmt::format("structure is of {} bytes, message has {}", message.size_bytes, size);
    return check_part(message.root, 0, size, "0");
}

}  // namespace mox::mime
