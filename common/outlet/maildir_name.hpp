#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "outlet/contents.hpp"
#include "outlet/message.hpp"

// Names of files in a maildir: "<seconds>.U<UID>I<id>.mox,S=<bytes>,W=<bytes with CRLF>[,…]:2,<letters>". Dovecot reads
// S and W; the other fields are those of intake/exported.hpp.

namespace mox::outlet {

// Which keywords have which letter in a mailbox.
class KeywordLetters {
public:
    KeywordLetters() = default;
    // `counts`: of how many messages, by name; flags that have no letter of their own go by their IMAP names. The 26
    // that are used most get letters. Those that readers would take for a flag ("junk") never do.
    explicit KeywordLetters(const std::map<std::string, std::int64_t>& counts);

    // Letters of the message's flags and keywords, in the order of ASCII; names that have no letter go to `others`.
    [[nodiscard]] std::string letters(const Message& message, std::vector<std::string_view>& others) const;
    // The file dovecot-keywords; "" when no keyword has a letter.
    [[nodiscard]] std::string dovecot_keywords() const;

private:
    std::vector<std::string> names_;  // at most 26
    std::map<std::string, char, std::less<>> letter_of_;
};

// Everything before ":2,".
[[nodiscard]] std::string maildir_base(const Message& message, const Contents& contents);

}  // namespace mox::outlet
