#include "reports/json.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::reports {

namespace {

using nlohmann::json;

json value_of(const std::string& text) {
    return text;
}
json value_of(const OverrideReason& reason) {
    return {{"type", reason.type}, {"comment", reason.comment}};
}
json value_of(const DkimResult& result) {
    return {{"domain", result.domain},
            {"selector", result.selector},
            {"result", result.result},
            {"human_result", result.human_result}};
}
json value_of(const SpfResult& result) {
    return {{"domain", result.domain}, {"scope", result.scope}, {"result", result.result}};
}
json value_of(const TlsFailure& failure) {
    return {{"result_type", failure.result_type},
            {"sending_mta_ip", failure.sending_mta_ip},
            {"receiving_mx_hostname", failure.receiving_mx_hostname},
            {"receiving_mx_helo", failure.receiving_mx_helo},
            {"receiving_ip", failure.receiving_ip},
            {"failed_session_count", failure.failed_session_count},
            {"additional_information", failure.additional_information},
            {"failure_reason_code", failure.failure_reason_code}};
}
json value_of(const std::pair<std::string, std::string>& pair) {
    return {{"key", pair.first}, {"value", pair.second}};
}
json value_of(const TlsPolicyResult& policy);

template <class T>
json array_of(const std::vector<T>& list) {
    json array = json::array();
    for (const T& element : list) array.push_back(value_of(element));
    return array;
}

json value_of(const TlsPolicyResult& policy) {
    return {{"type", policy.type},
            {"policy_string", array_of(policy.policy_string)},
            {"domain", policy.domain},
            {"mx_hosts", array_of(policy.mx_hosts)},
            {"successes", policy.successes},
            {"failures", policy.failures},
            {"failure_details", array_of(policy.failure_details)}};
}

template <class T>
std::string text_of(const std::vector<T>& list) try {
    return array_of(list).dump();
} catch (const json::type_error&) {  // the one thing that dump() refuses
    throw Error(Errc::usage, "report: a text is not UTF-8");
}

// A member of what has to be an object; json::type_error when it is not. Null: there is none.
const json* member(const json& object, const char* name) {
    const auto& members = object.get_ref<const json::object_t&>();
    const auto it = members.find(name);
    return it == members.end() ? nullptr : &it->second;
}
std::string text(const json& object, const char* name) {
    const json* found = member(object, name);
    return found == nullptr ? std::string() : found->get<std::string>();
}
std::int64_t number(const json& object, const char* name) {
    const json* found = member(object, name);
    return found == nullptr ? 0 : found->get<std::int64_t>();
}

void read(const json& from, std::string& to) {
    to = from.get<std::string>();
}
void read(const json& from, OverrideReason& to) {
    to = {text(from, "type"), text(from, "comment")};
}
void read(const json& from, DkimResult& to) {
    to = {text(from, "domain"), text(from, "selector"), text(from, "result"), text(from, "human_result")};
}
void read(const json& from, SpfResult& to) {
    to = {text(from, "domain"), text(from, "scope"), text(from, "result")};
}
void read(const json& from, TlsFailure& to) {
    to = {.result_type = text(from, "result_type"),
          .sending_mta_ip = text(from, "sending_mta_ip"),
          .receiving_mx_hostname = text(from, "receiving_mx_hostname"),
          .receiving_mx_helo = text(from, "receiving_mx_helo"),
          .receiving_ip = text(from, "receiving_ip"),
          .failed_session_count = number(from, "failed_session_count"),
          .additional_information = text(from, "additional_information"),
          .failure_reason_code = text(from, "failure_reason_code")};
}
void read(const json& from, std::pair<std::string, std::string>& to) {
    to = {text(from, "key"), text(from, "value")};
}
void read(const json& from, TlsPolicyResult& to);

template <class T>
std::vector<T> list_of(const json& array) {
    std::vector<T> list;
    for (const json& element : array) read(element, list.emplace_back());
    return list;
}

void read(const json& from, TlsPolicyResult& to) {
    to = {.type = text(from, "type"),
          .policy_string = list_of<std::string>(from.value("policy_string", json::array())),
          .domain = text(from, "domain"),
          .mx_hosts = list_of<std::string>(from.value("mx_hosts", json::array())),
          .successes = number(from, "successes"),
          .failures = number(from, "failures"),
          .failure_details = list_of<TlsFailure>(from.value("failure_details", json::array()))};
}

template <class T>
std::vector<T> parse(std::string_view text) try {
    const json array = json::parse(text);
    if (!array.is_array()) throw Error(Errc::corrupt, "report: a list is no JSON array");
    return list_of<T>(array);
} catch (const json::exception& error) {
    throw Error(Errc::corrupt, std::string("report: a list is not the JSON expected: ") + error.what());
}

}  // namespace

std::string to_json(const std::vector<std::string>& list) {
    return text_of(list);
}
std::string to_json(const std::vector<OverrideReason>& list) {
    return text_of(list);
}
std::string to_json(const std::vector<DkimResult>& list) {
    return text_of(list);
}
std::string to_json(const std::vector<SpfResult>& list) {
    return text_of(list);
}
std::string to_json(const std::vector<TlsFailure>& list) {
    return text_of(list);
}
std::string to_json(const std::vector<TlsPolicyResult>& list) {
    return text_of(list);
}
std::string to_json(const Pairs& list) {
    return text_of(list);
}

template <>
std::vector<std::string> from_json(std::string_view text) {
    return parse<std::string>(text);
}
template <>
std::vector<OverrideReason> from_json(std::string_view text) {
    return parse<OverrideReason>(text);
}
template <>
std::vector<DkimResult> from_json(std::string_view text) {
    return parse<DkimResult>(text);
}
template <>
std::vector<SpfResult> from_json(std::string_view text) {
    return parse<SpfResult>(text);
}
template <>
std::vector<TlsFailure> from_json(std::string_view text) {
    return parse<TlsFailure>(text);
}
template <>
std::vector<TlsPolicyResult> from_json(std::string_view text) {
    return parse<TlsPolicyResult>(text);
}
template <>
std::vector<std::pair<std::string, std::string>> from_json(std::string_view text) {
    return parse<std::pair<std::string, std::string>>(text);
}

void require_texts(std::string_view what, std::initializer_list<std::string_view> texts) {
    if (texts.size() > 0 && texts.begin()->empty()) throw Error(Errc::usage, std::string(what) + ": no domain");
    for (const std::string_view text : texts)
        if (!is_utf8(text)) throw Error(Errc::usage, std::string(what) + ": " + quote(text) + " is not UTF-8");
}

}  // namespace mox::reports
