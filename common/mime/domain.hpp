#pragma once

#include <string>
#include <string_view>

namespace mox::mime {

// The form in which databases hold a domain: lower-case Unicode (UTS #46, non-transitional), so that one domain is one
// text however a message spells it. What is no valid name stays as it is, with its ASCII letters in lower case.
[[nodiscard]] std::string unicode_domain(std::string_view domain);

// The form for DNS and certificates: ASCII, with "xn--" labels where needed, in lower case. What is no valid name stays
// as unicode_domain() has it.
[[nodiscard]] std::string ascii_domain(std::string_view domain);

// Why `domain` cannot be the name of a host or a domain, for people; empty when it can. Wanted is the form above.
[[nodiscard]] std::string domain_problem(std::string_view domain);

}  // namespace mox::mime
