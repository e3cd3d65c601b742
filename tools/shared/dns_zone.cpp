#include "tools/shared/dns_zone.hpp"

namespace mox::tools {

void show_dns_records(const std::vector<admin::DnsRecord>& records, const std::string& text, cli::Reporter& out) {
    if (out.settings().format != cli::Format::json) {
        out.result(cli::Record("zone", "{text:raw}").set("text", text));
        return;
    }
    for (const auto& record : records)
        out.result(cli::Record("dns_record")
                       .set("name", record.name)
                       .set("record_type", record.type)
                       .set("value", record.value)
                       .set("note", record.note));
}

}  // namespace mox::tools
