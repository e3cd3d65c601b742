#include "server/imap/body_structure.hpp"

#include <utility>

#include "server/imap/envelope.hpp"

namespace mox::imap {

namespace {

class BodyWriter {
public:
    BodyWriter(Writer& to, const mime::MessageView& message, Extension extension)
        : to_(to),
          message_(message),
          extension_(extension) {}

    void body(const mime::PartView& part) {
        to_.raw('(');
        if (part.is_multipart())
            multipart(part);
        else
            single(part);
        to_.raw(')');
    }

private:
    void multipart(const mime::PartView& part) {
        if (part.first_child == 0) whole_body(part);
        for (const auto* child = message_.first_child(part); child != nullptr; child = message_.next_sibling(*child))
            body(*child);
        to_.raw(' ');
        to_.upper_string(part.subtype);
        if (extension_ == Extension::without) return;
        to_.raw(' ');
        to_.parameters(part.parameters);
        common_extension(part);
    }

    void whole_body(const mime::PartView& part) {
        to_.raw("(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"8BIT\" ");
        to_.number(part.body_size());
        to_.raw(' ');
        to_.number(part.lines);
        to_.raw(extension_ == Extension::with ? " NIL NIL NIL NIL)" : ")");
    }

    void single(const mime::PartView& part) {
        const auto* const inner = part.is_message() ? message_.first_child(part) : nullptr;
        const bool opaque_message = part.is_message() && inner == nullptr;
        to_.upper_string(opaque_message ? "APPLICATION" : part.type);
        to_.raw(' ');
        to_.upper_string(opaque_message ? "OCTET-STREAM" : part.subtype);
        to_.raw(' ');
        // RFC 2045 section 5.2.
        if (part.parameters.empty() && part.type == "text" && part.subtype == "plain")
            to_.raw("(\"CHARSET\" \"us-ascii\")");
        else
            to_.parameters(part.parameters);
        to_.raw(' ');
        to_.nstring(part.content_id);
        to_.raw(' ');
        to_.ntext(part.description);
        to_.raw(' ');
        to_.upper_string(part.encoding == mime::TransferEncoding::unknown ? part.encoding_name
                                                                          : mime::to_string(part.encoding));
        to_.raw(' ');
        to_.number(part.body_size());
        if (part.type == "text") {
            to_.raw(' ');
            to_.number(part.lines);
        } else if (inner != nullptr && (part.subtype == "rfc822" || to_.texts() == Texts::utf8)) {
            embedded(part, *inner);
        }
        if (extension_ == Extension::without) return;
        to_.raw(' ');
        to_.nstring(part.md5);
        common_extension(part);
    }

    void embedded(const mime::PartView& part, const mime::PartView& inner) {
        static const mime::EnvelopeView nothing;
        const auto* const envelope = message_.envelope(inner);
        to_.raw(' ');
        write_envelope(to_, envelope == nullptr ? nothing : *envelope);
        to_.raw(' ');
        body(inner);
        to_.raw(' ');
        to_.number(part.lines);
    }

    void common_extension(const mime::PartView& part) {
        to_.raw(' ');
        if (part.disposition.empty()) {
            to_.raw("NIL");
        } else {
            to_.raw('(');
            to_.upper_string(part.disposition);
            to_.raw(' ');
            to_.parameters(part.disposition_parameters);
            to_.raw(')');
        }
        to_.raw(' ');
        languages(part.languages);
        to_.raw(' ');
        to_.nstring(part.location);
    }

    void languages(const mime::TextsView& tags) {
        if (tags.size() < 2) return to_.nstring(tags.empty() ? std::string_view() : *tags.begin());
        char before = '(';
        for (const auto& tag : tags) {
            to_.raw(std::exchange(before, ' '));
            to_.string(tag);
        }
        to_.raw(')');
    }

    Writer& to_;
    const mime::MessageView& message_;
    Extension extension_;
};

}  // namespace

void write_body_structure(Writer& to, const mime::MessageView& message, Extension extension) {
    BodyWriter(to, message, extension).body(message.root());
}

}  // namespace mox::imap
