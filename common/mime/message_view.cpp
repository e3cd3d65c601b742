#include "mime/message_view.hpp"

#include <algorithm>

#include "mime/message_format.hpp"
#include "mime/scanner.hpp"

namespace mox::mime {

namespace {

using namespace format;

// Of a list that was read before: nothing can fail.
std::uint64_t take_number(std::string_view& rest) {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) return value;
    }
}
std::string_view take_text(std::string_view& rest) {
    const auto size = take_number(rest);
    const auto text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
}

}  // namespace

template <>
ParameterView ParametersView::take(std::string_view& rest) {
    const auto name = take_text(rest);
    return {name, take_text(rest)};
}

template <>
AddressView AddressesView::take(std::string_view& rest) {
    const auto head = take_number(rest);
    AddressView address{.kind = static_cast<AddressKind>(head & 3U)};
    if (head & address_has_name) address.name = take_text(rest);
    if ((head & 3U) == address_with_route) {
        address.kind = AddressKind::mailbox;
        address.route = take_text(rest);
    }
    address.localpart = take_text(rest);
    address.host = take_text(rest);
    return address;
}

template <>
std::string_view TextsView::take(std::string_view& rest) {
    return take_text(rest);
}

// After the first failure everything reads as 0 or empty.
class MessageView::Reader {
public:
    Reader(MessageView& view, std::string_view bytes) : view_(view), rest_(bytes) {}

    bool read() {
        if (rest_.empty() || static_cast<unsigned char>(rest_.front()) != version) return false;
        rest_.remove_prefix(1);
        const auto mask = bits(message_all);
        view_.size_bytes_ = number();
        if (mask & message_date) {
            auto& date = view_.date_.emplace();
            date.seconds = unzigzag(number());
            const std::int64_t offset = unzigzag(number());
            if (offset < -24 * 60 || offset > 24 * 60) fail();
            date.offset_minutes = static_cast<std::int16_t>(offset);
        }
        (void)part(0, 1);
        if (mask & message_defects) defects();
        return !failed_ && rest_.empty();
    }

private:
    void fail() {
        failed_ = true;
        rest_ = {};
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            if (shift == 63 && byte > 1) break;  // more than 64 bits
            if (byte == 0 && shift > 0) break;   // not the shortest form
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 0x80) return value;
        }
        fail();
        return 0;
    }
    std::uint64_t bits(std::uint64_t allowed) {
        const auto mask = number();
        if ((mask & ~allowed) != 0) fail();
        return failed_ ? 0 : mask;
    }
    // Of items that take at least `least` bytes each; lists that are written have at least one.
    std::size_t count(std::size_t least) {
        const auto value = number();
        if (value == 0 || value > rest_.size() / least) fail();
        return failed_ ? 0 : static_cast<std::size_t>(value);
    }
    std::string_view text() {
        const auto size = number();
        if (size > rest_.size()) fail();
        if (failed_) return {};
        const auto value = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return value;
    }
    std::string_view present_text() {
        const auto value = text();
        if (value.empty()) fail();
        return value;
    }
    // A list of items that `item` reads.
    template <class View, class Item>
    View list(std::size_t least, Item&& item) {
        const auto items = count(least);
        const auto start = rest_;
        for (auto left = items; left > 0 && !failed_; --left) item();
        return failed_ ? View() : View(start.substr(0, start.size() - rest_.size()), items);
    }
    ParametersView parameters() {
        return list<ParametersView>(2, [&] { (void)text(), (void)text(); });
    }
    AddressesView addresses() {
        return list<AddressesView>(3, [&] {
            const auto head = number();
            if (head > 7) return fail();
            if (head & address_has_name) (void)present_text();
            if ((head & 3U) == address_with_route) (void)present_text();
            (void)text(), (void)text();
        });
    }
    void defects() {
        for (auto left = count(2); left > 0 && !failed_; --left) {
            const auto kind = number();
            if (kind == 0 || kind > static_cast<std::uint64_t>(DefectKind::too_many_defects)) return fail();
            view_.defects_.push_back({static_cast<DefectKind>(kind), number()});
        }
        if (view_.defects_.size() > max_defects) fail();
    }

    // Appends the part and all in it; its position.
    std::uint32_t part(std::uint64_t base, std::size_t depth) {
        if (depth > max_depth || view_.parts_.size() >= max_parts) fail();
        if (failed_) return 0;
        const auto index = static_cast<std::uint32_t>(view_.parts_.size());
        view_.parts_.emplace_back();
        PartView p;
        const auto mask = bits(part_all);
        p.header_offset = base + ((mask & part_header) ? number() : 0);
        p.body_offset = p.header_offset + ((mask & part_body) ? number() : 0);
        p.end_offset = p.body_offset + ((mask & part_end) ? number() : 0);
        if (mask & part_lines) p.lines = number();
        if (mask & part_encoding) {
            const auto encoding = number();
            if (encoding > static_cast<std::uint64_t>(TransferEncoding::unknown)) fail();
            p.encoding = static_cast<TransferEncoding>(encoding);
        }
        if (mask & part_type) p.type = text(), p.subtype = text();
        if (mask & part_parameters) p.parameters = parameters();
        p.decoded_size = (mask & part_decoded_size) ? number() : p.end_offset - p.body_offset;
        if (mask & part_children) p.first_child = children(p.body_offset, depth);
        if (mask & part_envelope) p.envelope_number = envelope();
        if (mask & part_disposition) p.disposition = present_text();
        if (mask & part_disposition_parameters) p.disposition_parameters = parameters();
        if (mask & part_content_id) p.content_id = present_text();
        if (mask & part_description) p.description = present_text();
        if (mask & part_languages) p.languages = list<TextsView>(1, [&] { (void)text(); });
        if (mask & part_location) p.location = present_text();
        if (mask & part_md5) p.md5 = present_text();
        if (mask & part_encoding_name) p.encoding_name = present_text();
        view_.parts_[index] = p;
        return index;
    }

    std::uint32_t children(std::uint64_t base, std::size_t depth) {
        std::uint32_t first = 0, previous = 0;
        for (auto left = count(1); left > 0 && !failed_; --left) {
            const auto index = part(base, depth + 1);
            if (failed_) return 0;
            if (first == 0)
                first = index;
            else
                view_.parts_[previous].next_sibling = index;
            previous = index;
            base = view_.parts_[index].end_offset;
        }
        return first;
    }

    std::uint32_t envelope() {
        EnvelopeView e;
        const auto mask = bits(envelope_all);
        if (mask & envelope_date) e.date = present_text();
        if (mask & envelope_subject) e.subject = present_text();
        if (mask & envelope_from) e.from = addresses();
        if (mask & envelope_sender) e.sender = addresses();
        if (mask & envelope_reply_to) e.reply_to = addresses();
        if (mask & envelope_to) e.to = addresses();
        if (mask & envelope_message_id) e.message_id = present_text();
        if (mask & envelope_cc) e.cc = addresses();
        if (mask & envelope_bcc) e.bcc = addresses();
        if (mask & envelope_in_reply_to) e.in_reply_to = present_text();
        view_.envelopes_.push_back(e);
        return static_cast<std::uint32_t>(view_.envelopes_.size());
    }

    MessageView& view_;
    std::string_view rest_;
    bool failed_ = false;
};

bool MessageView::read(std::string_view bytes) {
    date_.reset();
    defects_.clear();
    parts_.clear();
    envelopes_.clear();
    return Reader(*this, bytes).read();
}

bool MessageView::fits(std::uint64_t size) const {
    return size_bytes_ == size && std::ranges::all_of(parts_, [&](const PartView& part) {
               return part.header_offset <= part.body_offset && part.body_offset <= part.end_offset &&
                      part.end_offset <= size;
           });
}

}  // namespace mox::mime
