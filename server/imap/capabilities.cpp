#include <array>

#include "server/imap/commands.hpp"
#include "server/imap/limits.hpp"

namespace mox::imap {

namespace {

// Only what is there: a client takes each word for a promise.
constexpr std::array words{
    "IMAP4rev2",
    "IMAP4rev1",
    "ENABLE",
    "LITERAL+",
    "IDLE",
    "SASL-IR",
    "UNSELECT",
    "UIDPLUS",
    "UIDBATCHES",
    "MOVE",
    "NAMESPACE",
    "CHILDREN",
    "LIST-EXTENDED",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "LIST-STATUS",
    "STATUS=SIZE",
    "MULTIAPPEND",
    "CATENATE",
    "UTF8=ACCEPT",
    "ID",
    "ESEARCH",
    "ESORT",
    "CONTEXT=SEARCH",
    "CONTEXT=SORT",
    "PARTIAL",
    "SEARCHRES",
    "WITHIN",
    "SORT",
    "SORT=DISPLAY",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "SAVEDATE",
    "OBJECTID",
    "BINARY",
    "CONDSTORE",
    "QRESYNC",
};

}  // namespace

std::string capabilities(const Session& session) {
    std::string text = "CAPABILITY";
    for (const std::string_view word : words) text.append(" ").append(word);
    text += " APPENDLIMIT=" + std::to_string(max_message_bytes);
    if (session.settings().starttls && !session.tls()) text += " STARTTLS";
    if (!session.channel().passwords_allowed) text += " LOGINDISABLED";
    if (session.state() != State::not_authenticated && !session.is_compressed()) text += " COMPRESS=DEFLATE";
    if (session.state() == State::not_authenticated)
        for (const auto mechanism : login::offered_mechanisms(session.channel()))
            text.append(" AUTH=").append(name_of(mechanism));
    return text;
}

}  // namespace mox::imap
