#pragma once

#include "server/imap/mail_fixture.hpp"
#include "store/message.hpp"

// What became of an APPEND.

namespace mox::test {

inline std::string contents_of(MailFixture& f, std::string_view mailbox, std::uint32_t uid) {
    const auto placement = store::find_placement(f.other().database(), f.id_of(mailbox), store::Uid{uid}).value();
    const auto message = store::find_message(f.other().database(), placement.message).value();
    return store::read_contents(f.other().message_file(placement.message), message);
}

// A message that is under way, or was left behind.
inline std::size_t files_in_tmp(const MailFixture& f) {
    std::size_t count = 0;
    for_each_entry(f.layout.tmp(), [&](const DirectoryEntry&) { ++count; });
    return count;
}

}  // namespace mox::test
