// The stored form of a Message. Numbers here are on disk: a change needs a new version.
//
//   message:  version=1  mask  size  [date: zigzag seconds, zigzag offset]  part  [count, (kind, offset)...]
//   part:     mask, then for each bit set, in order of the bits, its value
//   number:   LEB128, shortest form      text, list: number of bytes or items, then they themselves
// Offsets are differences: a header from the end of the part before it, or from its parent's body; a body from its
// header; an end from its body.

#include <algorithm>

#include "mime/message.hpp"
#include "mime/scanner.hpp"

namespace mox::mime {

namespace {

constexpr unsigned char version = 1;

enum MessageBits : std::uint64_t { message_date = 1, message_defects = 2, message_all = 3 };

enum PartBits : std::uint64_t {
    part_header = 1U << 0U,
    part_body = 1U << 1U,
    part_end = 1U << 2U,
    part_lines = 1U << 3U,
    part_encoding = 1U << 4U,
    part_type = 1U << 5U,
    part_parameters = 1U << 6U,
    part_decoded_size = 1U << 7U,
    part_children = 1U << 8U,
    part_envelope = 1U << 9U,
    part_disposition = 1U << 10U,
    part_disposition_parameters = 1U << 11U,
    part_content_id = 1U << 12U,
    part_description = 1U << 13U,
    part_languages = 1U << 14U,
    part_location = 1U << 15U,
    part_md5 = 1U << 16U,
    part_encoding_name = 1U << 17U,
    part_all = (1U << 18U) - 1,
};

enum EnvelopeBits : std::uint64_t {
    envelope_date = 1U << 0U,
    envelope_subject = 1U << 1U,
    envelope_from = 1U << 2U,
    envelope_sender = 1U << 3U,
    envelope_reply_to = 1U << 4U,
    envelope_to = 1U << 5U,
    envelope_message_id = 1U << 6U,
    envelope_cc = 1U << 7U,
    envelope_bcc = 1U << 8U,
    envelope_in_reply_to = 1U << 9U,
    envelope_all = (1U << 10U) - 1,
};

constexpr unsigned address_has_name = 4;  // above the two bits of AddressKind

std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
}

class Writer {
public:
    std::string take() { return std::move(out_); }

    void message(const Message& m) {
        out_ += static_cast<char>(version);
        std::uint64_t mask = 0;
        if (m.date) mask |= message_date;
        if (!m.defects.empty()) mask |= message_defects;
        number(mask);
        number(m.size_bytes);
        if (m.date) {
            number(zigzag(m.date->seconds));
            number(zigzag(m.date->offset_minutes));
        }
        part(m.root, 0);
        if (m.defects.empty()) return;
        number(m.defects.size());
        for (const auto& defect : m.defects) {
            number(static_cast<std::uint64_t>(defect.kind));
            number(defect.offset);
        }
    }

private:
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U) out_ += static_cast<char>(0x80 | (value & 0x7f));
        out_ += static_cast<char>(value);
    }
    void text(std::string_view value) {
        number(value.size());
        out_ += value;
    }
    void parameters(const std::vector<Parameter>& list) {
        number(list.size());
        for (const auto& parameter : list) {
            text(parameter.name);
            text(parameter.value);
        }
    }
    void addresses(const std::vector<Address>& list) {
        number(list.size());
        for (const auto& address : list) {
            number(static_cast<unsigned>(address.kind) | (address.name.empty() ? 0 : address_has_name));
            if (!address.name.empty()) text(address.name);
            text(address.localpart);
            text(address.host);
        }
    }

    void part(const Part& p, std::uint64_t base) {
        std::uint64_t mask = 0;
        const auto bit = [&](bool present, PartBits which) {
            if (present) mask |= which;
        };
        bit(p.header_offset != base, part_header);
        bit(p.body_offset != p.header_offset, part_body);
        bit(p.end_offset != p.body_offset, part_end);
        bit(p.lines != 0, part_lines);
        bit(p.decoded_size != p.end_offset - p.body_offset, part_decoded_size);
        bit(p.type != "text" || p.subtype != "plain", part_type);
        bit(!p.parameters.empty(), part_parameters);
        bit(p.encoding != TransferEncoding::seven_bit, part_encoding);
        bit(!p.encoding_name.empty(), part_encoding_name);
        bit(!p.content_id.empty(), part_content_id);
        bit(!p.description.empty(), part_description);
        bit(!p.md5.empty(), part_md5);
        bit(!p.location.empty(), part_location);
        bit(!p.disposition.empty(), part_disposition);
        bit(!p.disposition_parameters.empty(), part_disposition_parameters);
        bit(!p.languages.empty(), part_languages);
        bit(p.envelope != nullptr, part_envelope);
        bit(!p.children.empty(), part_children);
        number(mask);
        if (mask & part_header) number(p.header_offset - base);
        if (mask & part_body) number(p.body_offset - p.header_offset);
        if (mask & part_end) number(p.end_offset - p.body_offset);
        if (mask & part_lines) number(p.lines);
        if (mask & part_encoding) number(static_cast<std::uint64_t>(p.encoding));
        if (mask & part_type) text(p.type), text(p.subtype);
        if (mask & part_parameters) parameters(p.parameters);
        if (mask & part_decoded_size) number(p.decoded_size);
        if (mask & part_children) children(p);
        if (mask & part_envelope) envelope(*p.envelope);
        if (mask & part_disposition) text(p.disposition);
        if (mask & part_disposition_parameters) parameters(p.disposition_parameters);
        if (mask & part_content_id) text(p.content_id);
        if (mask & part_description) text(p.description);
        if (mask & part_languages) {
            number(p.languages.size());
            for (const auto& tag : p.languages) text(tag);
        }
        if (mask & part_location) text(p.location);
        if (mask & part_md5) text(p.md5);
        if (mask & part_encoding_name) text(p.encoding_name);
    }

    void children(const Part& p) {
        number(p.children.size());
        std::uint64_t base = p.body_offset;
        for (const auto& child : p.children) {
            part(child, base);
            base = child.end_offset;
        }
    }

    void envelope(const Envelope& e) {
        std::uint64_t mask = 0;
        const auto bit = [&](bool empty, EnvelopeBits which) {
            if (!empty) mask |= which;
        };
        bit(e.date.empty(), envelope_date);
        bit(e.subject.empty(), envelope_subject);
        bit(e.from.empty(), envelope_from);
        bit(e.sender.empty(), envelope_sender);
        bit(e.reply_to.empty(), envelope_reply_to);
        bit(e.to.empty(), envelope_to);
        bit(e.cc.empty(), envelope_cc);
        bit(e.bcc.empty(), envelope_bcc);
        bit(e.in_reply_to.empty(), envelope_in_reply_to);
        bit(e.message_id.empty(), envelope_message_id);
        number(mask);
        if (mask & envelope_date) text(e.date);
        if (mask & envelope_subject) text(e.subject);
        if (mask & envelope_from) addresses(e.from);
        if (mask & envelope_sender) addresses(e.sender);
        if (mask & envelope_reply_to) addresses(e.reply_to);
        if (mask & envelope_to) addresses(e.to);
        if (mask & envelope_message_id) text(e.message_id);
        if (mask & envelope_cc) addresses(e.cc);
        if (mask & envelope_bcc) addresses(e.bcc);
        if (mask & envelope_in_reply_to) text(e.in_reply_to);
    }

    std::string out_;
};

// Reads what Writer wrote. After the first failure everything reads as 0 or empty, and failed() says so.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::optional<Message> message() {
        if (rest_.empty() || static_cast<unsigned char>(rest_.front()) != version) return std::nullopt;
        rest_.remove_prefix(1);
        Message m;
        const auto mask = bits(message_all);
        m.size_bytes = number();
        if (mask & message_date) {
            m.date.emplace();
            m.date->seconds = unzigzag(number());
            const std::int64_t offset = unzigzag(number());
            if (offset < -24 * 60 || offset > 24 * 60) fail();
            m.date->offset_minutes = static_cast<std::int16_t>(offset);
        }
        part(m.root, 0, 1);
        if (mask & message_defects) defects(m.defects);
        if (failed_ || !rest_.empty()) return std::nullopt;
        return m;
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
    std::string text() {
        const auto size = number();
        if (size > rest_.size()) fail();
        if (failed_) return {};
        std::string value(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return value;
    }
    std::string present_text() {
        std::string value = text();
        if (value.empty()) fail();
        return value;
    }

    void parameters(std::vector<Parameter>& list) {
        for (auto left = count(2); left > 0 && !failed_; --left) {
            std::string name = text();
            list.push_back({std::move(name), text()});
        }
    }
    void addresses(std::vector<Address>& list) {
        for (auto left = count(3); left > 0 && !failed_; --left) {
            const auto head = number();
            if (head > 7 || (head & 3U) > static_cast<unsigned>(AddressKind::group_end)) return fail();
            Address address;
            address.kind = static_cast<AddressKind>(head & 3U);
            if (head & address_has_name) address.name = present_text();
            address.localpart = text();
            address.host = text();
            list.push_back(std::move(address));
        }
    }
    void defects(std::vector<Defect>& list) {
        for (auto left = count(2); left > 0 && !failed_; --left) {
            const auto kind = number();
            if (kind == 0 || kind > static_cast<std::uint64_t>(DefectKind::too_many_defects)) return fail();
            list.push_back({static_cast<DefectKind>(kind), number()});
        }
        if (list.size() > max_defects) fail();
    }

    void part(Part& p, std::uint64_t base, std::size_t depth) {
        if (depth > max_depth || ++parts_ > max_parts) return fail();
        const auto mask = bits(part_all);
        p.header_offset = base + ((mask & part_header) ? number() : 0);
        p.body_offset = p.header_offset + ((mask & part_body) ? number() : 0);
        p.end_offset = p.body_offset + ((mask & part_end) ? number() : 0);
        if (mask & part_lines) p.lines = number();
        if (mask & part_encoding) {
            const auto encoding = number();
            if (encoding > static_cast<std::uint64_t>(TransferEncoding::unknown)) return fail();
            p.encoding = static_cast<TransferEncoding>(encoding);
        }
        if (mask & part_type) p.type = text(), p.subtype = text();
        if (mask & part_parameters) parameters(p.parameters);
        p.decoded_size = (mask & part_decoded_size) ? number() : p.end_offset - p.body_offset;
        if (mask & part_children) children(p, depth);
        if (mask & part_envelope) p.envelope = envelope();
        if (mask & part_disposition) p.disposition = present_text();
        if (mask & part_disposition_parameters) parameters(p.disposition_parameters);
        if (mask & part_content_id) p.content_id = present_text();
        if (mask & part_description) p.description = present_text();
        if (mask & part_languages)
            for (auto left = count(1); left > 0 && !failed_; --left) p.languages.push_back(text());
        if (mask & part_location) p.location = present_text();
        if (mask & part_md5) p.md5 = present_text();
        if (mask & part_encoding_name) p.encoding_name = present_text();
    }

    void children(Part& p, std::size_t depth) {
        std::uint64_t base = p.body_offset;
        for (auto left = count(1); left > 0 && !failed_; --left) {
            part(p.children.emplace_back(), base, depth + 1);
            base = p.children.back().end_offset;
        }
    }

    std::shared_ptr<const Envelope> envelope() {
        auto e = std::make_shared<Envelope>();
        const auto mask = bits(envelope_all);
        if (mask & envelope_date) e->date = present_text();
        if (mask & envelope_subject) e->subject = present_text();
        if (mask & envelope_from) addresses(e->from);
        if (mask & envelope_sender) addresses(e->sender);
        if (mask & envelope_reply_to) addresses(e->reply_to);
        if (mask & envelope_to) addresses(e->to);
        if (mask & envelope_message_id) e->message_id = present_text();
        if (mask & envelope_cc) addresses(e->cc);
        if (mask & envelope_bcc) addresses(e->bcc);
        if (mask & envelope_in_reply_to) e->in_reply_to = present_text();
        return e;
    }

    std::string_view rest_;
    bool failed_ = false;
    std::size_t parts_ = 0;
};

}  // namespace

std::string encode(const Message& message) {
    Writer writer;
    writer.message(message);
    return writer.take();
}

std::optional<Message> decode(std::string_view bytes) {
    return Reader(bytes).message();
}

}  // namespace mox::mime
