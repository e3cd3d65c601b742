#pragma once

#include <string_view>

#include "model/flags.hpp"

// Marks that Thunderbird keeps in the header of a message (nsMsgMessageFlags.idl of its source).

namespace mox::intake {

// The value of X-Mozilla-Status, four hexadecimal digits: read, replied, marked, deleted and not yet compacted away,
// forwarded. Nothing for a value that is no number.
void add_mozilla_status(model::FlagsAndKeywords& to, std::string_view value);
// The value of X-Mozilla-Status2, eight digits: receipt sent, and the five labels of old versions ("$label1").
void add_mozilla_status2(model::FlagsAndKeywords& to, std::string_view value);

}  // namespace mox::intake
