#pragma once

#include <string_view>

#include "intake/exported.hpp"
#include "intake/maildir_name.hpp"
#include "intake/message.hpp"

namespace mox::intake {

// What a maildir has beside its messages that tells what marks of their file names mean.
struct MaildirMarks {
    MaildirKeywords letters;  // of dovecot-keywords
    MoreKeywords more;        // of mox-keywords
};

// Takes from the name of a message's file when it was received and its marks, with a warning for what means nothing.
// Returns whether its contents are to be taken as they are (FileBody::exact).
[[nodiscard]] bool describe_by_name(RawMessage& message, std::string_view name, const MaildirMarks& marks);

}  // namespace mox::intake
