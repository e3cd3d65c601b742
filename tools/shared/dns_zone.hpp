#pragma once

#include <string>
#include <vector>

#include "admin/dns_records.hpp"
#include "cli/reporter.hpp"

namespace mox::tools {

// What DNS has to say, as results: in JSON each record, otherwise `text`.
void show_dns_records(const std::vector<admin::DnsRecord>& records, const std::string& text, cli::Reporter& out);

}  // namespace mox::tools
