#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/imap/message_url.hpp"
#include "store/account.hpp"
#include "store/message_contents.hpp"

namespace mox::imap {

// The bytes that an IMAP URL stands for, as they are stored. The file stays open until the last of them is read.
class UrlContents {
public:
    // Nothing when the URL leads nowhere: no such mailbox, message or section, another UIDVALIDITY. On the account's
    // strand. Throws Error for what cannot be read.
    [[nodiscard]] static std::optional<UrlContents> find(store::Account& account, const MessageUrl& url);

    [[nodiscard]] std::uint64_t size_bytes() const { return end_ - begin_; }
    // `count` bytes, or as many as are left; without the database.
    [[nodiscard]] std::string take(std::uint64_t count);

private:
    std::shared_ptr<const store::MessageContents> file_;  // none: chosen fields of a header, in `text_`
    std::string text_;
    std::uint64_t begin_ = 0, end_ = 0;  // what is left
};

}  // namespace mox::imap
