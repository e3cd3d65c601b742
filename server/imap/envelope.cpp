#include "server/imap/envelope.hpp"

namespace mox::imap {

namespace {

// NIL as host marks groups; an address without one has an empty host.
void write_address(Writer& to, const mime::AddressView& address) {
    switch (address.kind) {
        case mime::AddressKind::mailbox:
            to.raw('(');
            to.ntext(address.name);
            to.raw(' ');
            to.nstring(address.route);
            to.raw(' ');
            to.string(address.localpart);
            to.raw(' ');
            to.string(address.host);
            to.raw(')');
            break;
        case mime::AddressKind::group_start:
            to.raw("(NIL NIL ");
            to.text(address.name);
            to.raw(" NIL)");
            break;
        case mime::AddressKind::group_end:
            to.raw("(NIL NIL NIL NIL)");
            break;
    }
}

void write_addresses(Writer& to, const mime::AddressesView& list) {
    to.raw(' ');
    if (list.empty()) return to.raw("NIL");
    to.raw('(');
    for (const auto& address : list) write_address(to, address);
    to.raw(')');
}

}  // namespace

void write_envelope(Writer& to, const mime::EnvelopeView& e) {
    to.raw('(');
    to.nstring(e.date);
    to.raw(' ');
    to.ntext(e.subject);
    const auto begin = to.out().size();
    write_addresses(to, e.from);
    const auto size = to.out().size() - begin;
    for (const auto* const list : {&e.sender, &e.reply_to})
        if (list->empty())
            to.out().append(to.out(), begin, size);  // RFC 9051 section 7.5.2: as From
        else
            write_addresses(to, *list);
    write_addresses(to, e.to);
    write_addresses(to, e.cc);
    write_addresses(to, e.bcc);
    to.raw(' ');
    to.nstring(e.in_reply_to);
    to.raw(' ');
    to.nstring(e.message_id);
    to.raw(')');
}

}  // namespace mox::imap
