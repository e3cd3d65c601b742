#include "server/imap/stored_fields.hpp"

#include <algorithm>
#include <array>

#include "mime/fold.hpp"

namespace mox::imap {

namespace {

struct TextField {
    std::string_view name;
    std::string_view mime::EnvelopeView::*text;
};
constexpr std::array text_fields{
    TextField{"date", &mime::EnvelopeView::date},
    TextField{"in-reply-to", &mime::EnvelopeView::in_reply_to},
    TextField{"message-id", &mime::EnvelopeView::message_id},
    TextField{"subject", &mime::EnvelopeView::subject},
};

struct ListField {
    std::string_view name;
    mime::AddressesView mime::EnvelopeView::*list;
};
constexpr std::array list_fields{
    ListField{"bcc", &mime::EnvelopeView::bcc},       ListField{"cc", &mime::EnvelopeView::cc},
    ListField{"from", &mime::EnvelopeView::from},     ListField{"reply-to", &mime::EnvelopeView::reply_to},
    ListField{"sender", &mime::EnvelopeView::sender}, ListField{"to", &mime::EnvelopeView::to},
};

void append(std::string& to, const mime::AddressView& address) {
    if (address.kind == mime::AddressKind::group_end) {
        to += ';';
        return;
    }
    if (!to.empty() && to.back() != ':') to += ',';
    if (!to.empty()) to += ' ';
    to += address.name;
    if (address.kind == mime::AddressKind::group_start) {
        to += ':';
        return;
    }
    if (!address.name.empty()) to += " <";
    to += address.localpart;
    if (!address.host.empty()) (to += '@') += address.host;
    if (!address.name.empty()) to += '>';
}

}  // namespace

bool is_stored_field(std::string_view name) {
    return std::ranges::find(text_fields, name, &TextField::name) != text_fields.end() ||
           std::ranges::find(list_fields, name, &ListField::name) != list_fields.end();
}

bool stored_field_contains(const mime::EnvelopeView& envelope, std::string_view name, std::string_view folded,
                           std::string& text, std::string& buffer) {
    for (const auto& field : text_fields)
        if (field.name == name)
            return !(envelope.*field.text).empty() && mime::contains_folded(envelope.*field.text, folded, buffer);
    for (const auto& field : list_fields) {
        if (field.name != name) continue;
        text.clear();
        for (const auto& address : envelope.*field.list) append(text, address);
        return !text.empty() && mime::contains_folded(text, folded, buffer);
    }
    return false;
}

}  // namespace mox::imap
