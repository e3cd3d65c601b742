#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datadir/layout.hpp"
#include "db/database.hpp"

// MTA-STS policies of other domains (RFC 8461), as last fetched.

namespace mox::reports {

struct MtaStsPolicy {
    std::string domain;
    std::int64_t inserted = 0, valid_end = 0, last_update = 0, last_use = 0;  // Unix seconds
    bool backoff = false;   // there is no policy, only a failure to get one, not to be repeated at once
    std::string record_id;  // "id" of the DNS record
    std::string version, mode;
    std::vector<std::string> mx;  // patterns: "mail.example", "*.example"
    std::int64_t max_age = 0;     // seconds
    std::vector<std::pair<std::string, std::string>> extensions;
    std::string policy_text;  // as fetched
    friend bool operator==(const MtaStsPolicy&, const MtaStsPolicy&) = default;
};

// mtasts.db.
[[nodiscard]] db::Database open_mta_sts(const datadir::Layout& layout, const db::OpenOptions& options);
// Adds the policy or replaces the domain's former one. Errc::usage when a text is not UTF-8 or there is no domain.
void put_mta_sts_policy(db::Database& database, const MtaStsPolicy& policy);
[[nodiscard]] std::optional<MtaStsPolicy> mta_sts_policy(db::Database& database, std::string_view domain);
// Sorted by domain.
[[nodiscard]] std::vector<MtaStsPolicy> mta_sts_policies(db::Database& database);
// False: there was none.
bool remove_mta_sts_policy(db::Database& database, std::string_view domain);

}  // namespace mox::reports
