#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "server/imap/answer_lines.hpp"

namespace mox::test {

// What a client believes of the mailbox that it has selected, from nothing but what the server said (RFC 9051 section
// 7). Throws Violation for what it may not say.
class MailboxModel {
public:
    struct Message {
        std::uint32_t uid = 0;  // 0: not told yet
        std::set<std::string> flags;
        std::uint64_t modseq = 0;
        friend bool operator==(const Message&, const Message&) = default;
    };
    std::string id;  // MAILBOXID
    std::uint32_t uidvalidity = 0, uidnext = 0;
    std::uint64_t highest_modseq = 0;  // at the SELECT
    std::set<std::string> known_flags;
    std::vector<Message> messages;

    [[nodiscard]] std::size_t size() const { return messages.size(); }
    [[nodiscard]] std::vector<std::uint32_t> uids() const {
        std::vector<std::uint32_t> out;
        for (const auto& message : messages) out.push_back(message.uid);
        return out;
    }
    [[nodiscard]] const Message* find(std::uint32_t uid) const {
        const auto at = std::ranges::find(messages, uid, &Message::uid);
        return at == messages.end() ? nullptr : &*at;
    }
    Message* find(std::uint32_t uid) { return const_cast<Message*>(std::as_const(*this).find(uid)); }

    enum class Expunges { allowed, held_back };
    // An untagged response; false when it is about something else.
    bool hear(const ResponseLine& line, Expunges expunges) {
        Words in(line.text);
        in.expect("* ");
        if (in.take("FLAGS (")) {
            known_flags.clear();
            while (!in.take(")")) {
                known_flags.emplace(in.until(" )"));
                (void)in.take(" ");
            }
            return true;
        }
        if (in.take("VANISHED ")) {
            // EARLIER ones may be unknown; the others never are.
            const bool earlier = in.take("(EARLIER) ");
            demand(earlier || expunges == Expunges::allowed, "VANISHED where numbers must not move");
            for (const auto uid : numbers_of(in.rest())) {
                auto at = std::ranges::find(messages, uid, &Message::uid);
                if (at == messages.end() && !earlier) at = untold(uid);
                demand(earlier || at != messages.end(), "VANISHED of a UID that was never there");
                if (at != messages.end()) messages.erase(at);
            }
            return true;
        }
        const auto number = in.number_if();
        if (!number || !in.take(" ")) return false;
        if (in.take("EXISTS")) {
            demand(*number >= size(), "EXISTS takes messages away");
            messages.resize(*number);
            return true;
        }
        if (in.take("RECENT")) return true;
        if (in.take("EXPUNGE")) {
            demand(expunges == Expunges::allowed, "EXPUNGE where numbers must not move");
            demand(1 <= *number && *number <= size(), "EXPUNGE of no message: " + line.text);
            messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(*number - 1));
            return true;
        }
        if (!in.take("FETCH ")) return false;
        hear_fetch(*number, fetch_line_of(line, in));
        return true;
    }

    // After an answer: every message has its UID, and they ascend.
    void check() const {
        std::uint32_t last = 0;
        for (const auto& message : messages) {
            if (message.uid == 0) continue;
            demand(message.uid > last, "UIDs do not ascend");
            last = message.uid;
        }
    }

private:
    // A message whose UID was not told, where that UID would be.
    std::vector<Message>::iterator untold(std::uint32_t uid) {
        const auto next = std::ranges::find_if(messages, [&](const auto& message) { return message.uid > uid; });
        return next != messages.begin() && std::prev(next)->uid == 0 ? std::prev(next) : messages.end();
    }
    void hear_fetch(std::uint64_t number, const FetchLine& fetched) {
        demand(1 <= number && number <= size(), "FETCH of no message " + std::to_string(number));
        Message& message = messages[number - 1];
        if (fetched.uid) {
            demand(message.uid == 0 || message.uid == *fetched.uid, "a message has another UID");
            message.uid = *fetched.uid;
        }
        if (fetched.flags) {
            message.flags = *fetched.flags;
            message.flags.erase("\\Recent");  // is told to one session only
            for (const auto& flag : message.flags)
                demand(known_flags.contains(flag), "a flag that FLAGS did not tell: " + flag);
        }
        if (fetched.modseq) {
            demand(*fetched.modseq >= message.modseq, "a modseq goes back");
            message.modseq = *fetched.modseq;
        }
    }
};

// Without modseqs, which only some clients are told.
inline bool are_alike(const MailboxModel& one, const MailboxModel& other) {
    return std::ranges::equal(one.messages, other.messages,
                              [](const auto& a, const auto& b) { return a.uid == b.uid && a.flags == b.flags; });
}

}  // namespace mox::test
