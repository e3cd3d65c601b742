// Messages to their stored form (mime/message_format.hpp) and back.

#include "mime/message.hpp"
#include "mime/message_format.hpp"
#include "mime/message_view.hpp"

namespace mox::mime {

namespace {

using namespace format;

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
            const unsigned kind = address.route.empty() ? static_cast<unsigned>(address.kind) : address_with_route;
            number(kind | (address.name.empty() ? 0 : address_has_name));
            if (!address.name.empty()) text(address.name);
            if (!address.route.empty()) text(address.route);
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

std::vector<Parameter> owned(const ParametersView& list) {
    std::vector<Parameter> out;
    for (const auto& parameter : list) out.push_back({std::string(parameter.name), std::string(parameter.value)});
    return out;
}

std::vector<Address> owned(const AddressesView& list) {
    std::vector<Address> out;
    for (const auto& a : list)
        out.push_back(
            {a.kind, std::string(a.name), std::string(a.localpart), std::string(a.host), std::string(a.route)});
    return out;
}

Envelope owned(const EnvelopeView& e) {
    return {.date = std::string(e.date),
            .subject = std::string(e.subject),
            .from = owned(e.from),
            .sender = owned(e.sender),
            .reply_to = owned(e.reply_to),
            .to = owned(e.to),
            .cc = owned(e.cc),
            .bcc = owned(e.bcc),
            .in_reply_to = std::string(e.in_reply_to),
            .message_id = std::string(e.message_id)};
}

Part owned(const MessageView& view, const PartView& p) {
    Part part{.header_offset = p.header_offset,
              .body_offset = p.body_offset,
              .end_offset = p.end_offset,
              .lines = p.lines,
              .decoded_size = p.decoded_size,
              .type = std::string(p.type),
              .subtype = std::string(p.subtype),
              .parameters = owned(p.parameters),
              .encoding = p.encoding,
              .encoding_name = std::string(p.encoding_name),
              .content_id = std::string(p.content_id),
              .description = std::string(p.description),
              .md5 = std::string(p.md5),
              .location = std::string(p.location),
              .disposition = std::string(p.disposition),
              .disposition_parameters = owned(p.disposition_parameters)};
    for (const auto language : p.languages) part.languages.emplace_back(language);
    if (const auto* const envelope = view.envelope(p)) part.envelope = std::make_shared<Envelope>(owned(*envelope));
    for (const auto* child = view.first_child(p); child != nullptr; child = view.next_sibling(*child))
        part.children.push_back(owned(view, *child));
    return part;
}

}  // namespace

std::string encode(const Message& message) {
    Writer writer;
    writer.message(message);
    return writer.take();
}

std::optional<Message> decode(std::string_view bytes) {
    MessageView view;
    if (!view.read(bytes)) return std::nullopt;
    return Message{.size_bytes = view.size_bytes(),
                   .root = owned(view, view.root()),
                   .date = view.date(),
                   .defects = view.defects()};
}

}  // namespace mox::mime
