#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"

// What DNS has to say about a domain, so that its mail arrives, is believed, and is found by mail programs.

namespace mox::admin {

struct DnsRecord {
    std::string name;   // "mox.example.", in ASCII
    std::string type;   // "MX"
    std::string value;  // as in a zone file
    std::string note;   // for people, of a whole group: that of its first record; may be empty
};

// For a configured domain, Errc::not_found for others. Reads the files of its DKIM keys; throws Error naming one that
// cannot be read.
[[nodiscard]] std::vector<DnsRecord> dns_records(const config::Config& config, std::string_view domain);

// The same as a snippet of a zone file, with the notes as comments.
[[nodiscard]] std::string zone_text(const std::vector<DnsRecord>& records);

// A TXT record's text in quotes, in pieces of at most 255 bytes.
[[nodiscard]] std::string txt_value(std::string_view text);

}  // namespace mox::admin
