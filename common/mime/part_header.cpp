#include "mime/part_header.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/date.hpp"
#include "mime/header.hpp"
#include "mime/scanner.hpp"

namespace mox::mime {

namespace {

enum class Known : std::uint8_t {
    content_type,
    content_transfer_encoding,
    content_id,
    content_description,
    content_disposition,
    content_language,
    content_location,
    content_md5,
    date,
    subject,
    from,
    sender,
    reply_to,
    to,
    cc,
    bcc,
    in_reply_to,
    message_id,
    references,
};

struct KnownField {
    std::string_view name;  // lower case
    Known field;
};
constexpr std::array<KnownField, 19> known_fields = {{
    {"content-type", Known::content_type},
    {"content-transfer-encoding", Known::content_transfer_encoding},
    {"content-id", Known::content_id},
    {"content-description", Known::content_description},
    {"content-disposition", Known::content_disposition},
    {"content-language", Known::content_language},
    {"content-location", Known::content_location},
    {"content-md5", Known::content_md5},
    {"date", Known::date},
    {"subject", Known::subject},
    {"from", Known::from},
    {"sender", Known::sender},
    {"reply-to", Known::reply_to},
    {"to", Known::to},
    {"cc", Known::cc},
    {"bcc", Known::bcc},
    {"in-reply-to", Known::in_reply_to},
    {"message-id", Known::message_id},
    {"references", Known::references},
}};

std::optional<Known> known_field(std::string_view name) {
    for (const auto& known : known_fields)
        if (known.name.size() == name.size() && equal_ignoring_case(known.name, name)) return known.field;
    return std::nullopt;
}

std::string without_blanks(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    return text;
}

// Comma-separated language tags, RFC 3282; comments dropped.
std::vector<std::string> language_tags(std::string_view value) {
    constexpr std::size_t most = 100;
    std::vector<std::string> tags;
    std::string tag;
    std::size_t depth = 0;
    const auto finish = [&] {
        if (!tag.empty() && tags.size() < most) tags.push_back(std::move(tag));
        tag.clear();
    };
    for (const char c : plain_value(value)) {
        if (c == '(') {
            ++depth;
        } else if (c == ')' && depth > 0) {
            --depth;
        } else if (c == ',' && depth == 0) {
            finish();
        } else if (depth == 0 && c != ' ' && c != '\t') {
            tag += c;
        }
    }
    finish();
    return tags;
}

std::size_t kept(const std::vector<Parameter>& parameters) {
    std::size_t bytes = 0;
    for (const auto& parameter : parameters)
        bytes += sizeof(Parameter) + parameter.name.size() + parameter.value.size();
    return bytes;
}
std::size_t kept(const std::vector<Address>& addresses) {
    std::size_t bytes = 0;
    for (const auto& address : addresses)
        bytes += sizeof(Address) + address.name.size() + address.localpart.size() + address.host.size();
    return bytes;
}

class HeaderReader {
public:
    HeaderReader(std::uint64_t offset, EntityRole role, Part& part, DefectList& defects)
        : offset_(offset),
          role_(role),
          part_(part),
          defects_(defects) {}

    HeaderExtras read(std::string_view header, std::size_t& budget) {
        if (role_ == EntityRole::digest_part) {
            part_.type = "message";
            part_.subtype = "rfc822";
        }
        FieldReader fields(header);
        std::size_t count = 0;
        while (const auto field = fields.next()) {
            if (++count > max_header_fields) {
                defect(DefectKind::too_many_fields, *field);
                break;
            }
            if (const auto known = known_field(field->name)) read_field(*known, *field);
        }
        if (fields.garbage_lines() > 0)
            defects_.add(DefectKind::garbage_header_line, offset_ + fields.first_garbage_offset());
        if (role_ == EntityRole::root) read_threading();
        keep(budget);
        return std::move(extras_);
    }

private:
    [[nodiscard]] bool has_envelope() const { return role_ == EntityRole::root || role_ == EntityRole::message; }
    void defect(DefectKind kind, const Field& field) { defects_.add(kind, offset_ + field.offset); }
    // True the first time it is called for `field`.
    bool first(Known field) {
        const auto bit = 1U << static_cast<unsigned>(field);
        return (std::exchange(seen_, seen_ | bit) & bit) == 0;
    }

    void read_field(Known known, const Field& field) {
        if (known >= Known::date) {
            if (has_envelope()) read_envelope_field(known, field);
            return;
        }
        if (!first(known)) return;
        switch (known) {
            case Known::content_type:
                return read_content_type(field);
            case Known::content_transfer_encoding:
                return read_encoding(field);
            case Known::content_disposition:
                return read_disposition(field);
            case Known::content_id:
                part_.content_id = plain_value(field.value);
                break;
            case Known::content_description:
                part_.description = text_value(field.value);
                break;
            case Known::content_language:
                part_.languages = language_tags(field.value);
                break;
            case Known::content_location:
                part_.location = without_blanks(plain_value(field.value));
                break;
            case Known::content_md5:
                part_.md5 = plain_value(field.value);
                break;
            default:
                break;
        }
    }

    void read_content_type(const Field& field) {
        auto parsed = parse_parameterised(field.value);
        const auto slash = parsed.value.find('/');
        const std::string type = parsed.value.substr(0, slash);
        const std::string subtype = slash == std::string::npos ? std::string() : parsed.value.substr(slash + 1);
        if (!type.empty() && !subtype.empty()) {
            part_.type = type;
            part_.subtype = subtype;
        } else {  // RFC 2045 section 5.2: plain text, also inside a digest
            defect(DefectKind::bad_content_type, field);
            part_.type = "text";
            part_.subtype = "plain";
        }
        if (!parsed.well_formed) defect(DefectKind::bad_parameter, field);
        part_.parameters = std::move(parsed.parameters);
        extras_.boundary = std::move(parsed.boundary);
    }

    void read_encoding(const Field& field) {
        const std::string name = plain_value(field.value);
        part_.encoding = transfer_encoding(name);
        if (part_.encoding != TransferEncoding::unknown) return;
        part_.encoding_name = ascii_lower(name);
        defect(DefectKind::unknown_encoding, field);
    }

    void read_disposition(const Field& field) {
        auto parsed = parse_parameterised(field.value);
        if (!parsed.well_formed) defect(DefectKind::bad_parameter, field);
        part_.disposition = std::move(parsed.value);
        part_.disposition_parameters = std::move(parsed.parameters);
    }

    void read_envelope_field(Known known, const Field& field) {
        switch (known) {
            case Known::from:
                return read_addresses(envelope_.from, field);
            case Known::sender:
                return read_addresses(envelope_.sender, field);
            case Known::reply_to:
                return read_addresses(envelope_.reply_to, field);
            case Known::to:
                return read_addresses(envelope_.to, field);
            case Known::cc:
                return read_addresses(envelope_.cc, field);
            case Known::bcc:
                return read_addresses(envelope_.bcc, field);
            case Known::references:
                if (role_ == EntityRole::root) references_.append(field.value).append(" ");
                return;
            default:
                break;
        }
        if (!first(known)) return;
        if (known == Known::date) {
            envelope_.date = plain_value(field.value);
            if (role_ == EntityRole::root) extras_.date = parse_date(envelope_.date);
            if (role_ == EntityRole::root && !extras_.date) defect(DefectKind::bad_date, field);
        } else if (known == Known::subject) {
            envelope_.subject = text_value(field.value);
        } else if (known == Known::in_reply_to) {
            envelope_.in_reply_to = plain_value(field.value);
        } else if (known == Known::message_id) {
            envelope_.message_id = plain_value(field.value);
            if (role_ != EntityRole::root) return;
            extras_.threading.message_id = canonical_message_id(envelope_.message_id);
            if (extras_.threading.message_id.empty()) defect(DefectKind::bad_message_id, field);
        }
    }

    void read_addresses(std::vector<Address>& out, const Field& field) {
        auto parsed = parse_addresses(field.value);
        if (!parsed.well_formed) defect(DefectKind::bad_address, field);
        if (out.empty()) {
            out = std::move(parsed.addresses);
        } else if (out.size() + parsed.addresses.size() <= max_addresses + 1) {
            std::move(parsed.addresses.begin(), parsed.addresses.end(), std::back_inserter(out));
        }
    }

    void read_threading() {
        auto& threading = extras_.threading;
        threading.references = reference_ids(references_, envelope_.in_reply_to);
        threading.subject = base_subject(envelope_.subject);
    }

    // Takes what is kept from the budget; without budget only types, encodings and the boundary stay.
    void keep(std::size_t& budget) {
        const auto& e = envelope_;
        std::size_t bytes = part_.type.size() + part_.subtype.size() + kept(part_.parameters) +
                            part_.encoding_name.size() + part_.content_id.size() + part_.description.size() +
                            part_.md5.size() + part_.location.size() + part_.disposition.size() +
                            kept(part_.disposition_parameters);
        for (const auto& tag : part_.languages) bytes += sizeof(tag) + tag.size();
        if (has_envelope())
            bytes += sizeof(e) + e.date.size() + e.subject.size() + e.in_reply_to.size() + e.message_id.size() +
                     kept(e.from) + kept(e.sender) + kept(e.reply_to) + kept(e.to) + kept(e.cc) + kept(e.bcc);
        if (bytes <= budget) {
            budget -= bytes;
        } else {
            defects_.add(DefectKind::structure_too_large, offset_);
            strip();
        }
        if (has_envelope()) part_.envelope = std::make_shared<const Envelope>(std::move(envelope_));
    }

    void strip() {
        constexpr std::size_t longest_name = 64;
        Part stripped;
        const bool short_names = part_.type.size() <= longest_name && part_.subtype.size() <= longest_name;
        stripped.type = short_names ? part_.type : "application";
        stripped.subtype = short_names ? part_.subtype : "octet-stream";
        stripped.encoding = part_.encoding;
        stripped.header_offset = part_.header_offset;
        part_ = std::move(stripped);
        envelope_ = {};
    }

    const std::uint64_t offset_;
    const EntityRole role_;
    Part& part_;
    DefectList& defects_;
    HeaderExtras extras_;
    Envelope envelope_;
    std::string references_;
    unsigned seen_ = 0;
};

}  // namespace

void DefectList::add(DefectKind kind, std::uint64_t offset) {
    if (defects_.size() + 1 < max_defects) {
        defects_.push_back({kind, offset});
    } else if (defects_.size() + 1 == max_defects) {
        defects_.push_back({DefectKind::too_many_defects, offset});
    }
}

HeaderExtras read_part_header(std::string_view header, std::uint64_t offset, EntityRole role, Part& part,
                              std::size_t& budget, DefectList& defects) {
    return HeaderReader(offset, role, part, defects).read(header, budget);
}

}  // namespace mox::mime
