#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/dmarc.hpp"
#include "reports/tls.hpp"

// Lists to and from the JSON text of columns. Private to this folder. Writing throws Errc::usage for text that is not
// UTF-8, reading Errc::corrupt; unknown members are ignored, missing ones are empty.

namespace mox::reports {

using Pairs = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::string to_json(const std::vector<std::string>& list);
[[nodiscard]] std::string to_json(const std::vector<OverrideReason>& list);
[[nodiscard]] std::string to_json(const std::vector<DkimResult>& list);
[[nodiscard]] std::string to_json(const std::vector<SpfResult>& list);
[[nodiscard]] std::string to_json(const std::vector<TlsFailure>& list);
[[nodiscard]] std::string to_json(const std::vector<TlsPolicyResult>& list);
[[nodiscard]] std::string to_json(const Pairs& list);

// T: the type of one element.
template <class T>
[[nodiscard]] std::vector<T> from_json(std::string_view text);
template <>
std::vector<std::string> from_json(std::string_view text);
template <>
std::vector<OverrideReason> from_json(std::string_view text);
template <>
std::vector<DkimResult> from_json(std::string_view text);
template <>
std::vector<SpfResult> from_json(std::string_view text);
template <>
std::vector<TlsFailure> from_json(std::string_view text);
template <>
std::vector<TlsPolicyResult> from_json(std::string_view text);
template <>
std::vector<std::pair<std::string, std::string>> from_json(std::string_view text);

// Ids of the rows of `report` (both kinds have such a table) that a filter finds, newest first.
[[nodiscard]] std::vector<std::int64_t> report_ids(db::Database& database, const ReportFilter& filter);

// Errc::usage, naming `what`, for texts that are not UTF-8, and for an empty first one.
void require_texts(std::string_view what, std::initializer_list<std::string_view> texts);

}  // namespace mox::reports
