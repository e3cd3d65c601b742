#include "server/imap/commands.hpp"

namespace mox::imap {

// Only what is there: a client takes each word for a promise.
std::string capabilities(const Session& session) {
    std::string text = "CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID";
    if (session.settings().starttls && !session.tls()) text += " STARTTLS";
    if (!session.channel().passwords_allowed) text += " LOGINDISABLED";
    if (session.state() == State::not_authenticated)
        for (const auto mechanism : login::offered_mechanisms(session.channel()))
            text.append(" AUTH=").append(name_of(mechanism));
    return text;
}

}  // namespace mox::imap
