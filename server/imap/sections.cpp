#include "server/imap/sections.hpp"

#include <optional>

namespace mox::imap {

namespace {

struct Chosen {
    const mime::PartView* part;
    bool whole_body = false;  // of a multipart without parts, as if it were one
};

// Part `number` of what is in `from`.
std::optional<Chosen> choose(const mime::MessageView& message, const mime::PartView& from, std::uint32_t number,
                             bool is_message) {
    if (from.is_multipart()) {
        if (from.first_child == 0) return number == 1 ? std::optional(Chosen{&from, true}) : std::nullopt;
        const auto* child = message.first_child(from);
        for (; child != nullptr && number > 1; --number) child = message.next_sibling(*child);
        return child == nullptr ? std::nullopt : std::optional(Chosen{child});
    }
    if (is_message) return number == 1 ? std::optional(Chosen{&from}) : std::nullopt;
    const auto* const inner = from.is_message() ? message.first_child(from) : nullptr;
    return inner == nullptr ? std::nullopt : choose(message, *inner, number, true);
}

std::optional<Chosen> choose(const mime::MessageView& message, const std::vector<std::uint32_t>& numbers) {
    std::optional<Chosen> at = choose(message, message.root(), numbers.front(), true);
    for (std::size_t i = 1; i < numbers.size() && at; ++i)
        at = at->whole_body ? std::nullopt : choose(message, *at->part, numbers[i], false);
    return at;
}

constexpr Place missing{.status = Place::Status::missing};

Place of_message(const mime::MessageView& message, const mime::PartView& part, Section::Text what) {
    const std::uint64_t end = &part == &message.root() ? message.size_bytes() : part.end_offset;
    switch (what) {
        case Section::Text::all:
            return {.begin = part.header_offset, .end = end};
        case Section::Text::header:
        case Section::Text::header_fields:
        case Section::Text::header_fields_not:
            return {.begin = part.header_offset, .end = part.body_offset};
        case Section::Text::text:
            return {.begin = part.body_offset, .end = end};
        case Section::Text::mime:
            break;
    }
    return missing;
}

}  // namespace

Place find_section(const mime::MessageView& message, const Section& section) {
    if (section.part.empty()) return of_message(message, message.root(), section.what);
    const auto chosen = choose(message, section.part);
    if (!chosen) return missing;
    const auto& part = *chosen->part;
    if (section.what == Section::Text::all) return {.begin = part.body_offset, .end = part.end_offset};
    if (chosen->whole_body) return missing;
    if (section.what == Section::Text::mime) return {.begin = part.header_offset, .end = part.body_offset};
    const auto* const inner = part.is_message() ? message.first_child(part) : nullptr;
    return inner == nullptr ? missing : of_message(message, *inner, section.what);
}

Place find_binary(const mime::MessageView& message, const Section& section) {
    if (section.part.empty() || section.what != Section::Text::all) {
        Place place = find_section(message, section);
        place.decoded_size = place.end - place.begin;
        return place;
    }
    const auto chosen = choose(message, section.part);
    if (!chosen) return missing;
    const auto& part = *chosen->part;
    Place place{.begin = part.body_offset, .end = part.end_offset, .decoded_size = part.body_size()};
    // Messages inside have no encoding (RFC 2046 section 5.2.1); one that has is not looked into.
    if (chosen->whole_body || (part.is_message() && part.first_child != 0)) return place;
    if (part.first_child != 0 || part.is_multipart()) return {.status = Place::Status::not_decodable};
    if (part.encoding == mime::TransferEncoding::unknown) return {.status = Place::Status::unknown_encoding};
    place.encoding = part.encoding;
    place.decoded_size = part.decoded_size;
    return place;
}

}  // namespace mox::imap
