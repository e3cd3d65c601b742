#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Mail with known contents, to test reading and importing.
//
// A collection is a set of mailboxes side by side: <name>.mbox or <name>.maildir with <name>.mbox.expected.jsonl or
// <name>.maildir.expected.jsonl. testdata/mail is one; the real mail of the corpus, which is not part of the source
// tree, another.

namespace mox::test {

struct ExpectedMessage {
    std::size_t number = 0;
    std::string file;  // "cur/<name>" in a maildir, else empty
    std::string label;
    std::uint64_t size_bytes = 0;  // of the stored form, with CRLF
    std::string sha256;            // of the stored form, hexadecimal
    std::optional<std::int64_t> received;
    std::vector<std::string> flags;     // IMAP names
    std::vector<std::string> keywords;  // lower case; also "$junk" and the like, which are flags here
};

// In the order of the file. Throws std::runtime_error when it cannot be read or has no messages.
[[nodiscard]] std::vector<ExpectedMessage> load_expected(const std::filesystem::path& jsonl);

// Where the real mail is unpacked: a folder with {ham,spam}.{mbox,maildir}, removed when the program ends. nullopt, and
// a line on standard error saying so, when the archive is not there. It is looked for as real-mail.tar.zst in the
// folder that MOX_CORPUS names, else in shared/corpus beside the source tree.
[[nodiscard]] std::optional<std::filesystem::path> real_mail();

}  // namespace mox::test
