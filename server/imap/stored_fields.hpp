#pragma once

#include <string>
#include <string_view>

#include "mime/message_view.hpp"

namespace mox::imap {

// Fields of a header that the database has (lower case): files need not be opened for them.
[[nodiscard]] bool is_stored_field(std::string_view name);

// True when such a field is there, not empty, and holds `folded` (mime::folded()) whatever its case. Addresses are
// compared as "name <localpart@host>", addresses of a list as they are told in one line. The buffers are for memory
// that is kept.
[[nodiscard]] bool stored_field_contains(const mime::EnvelopeView& envelope, std::string_view name,
                                         std::string_view folded, std::string& text, std::string& buffer);

}  // namespace mox::imap
