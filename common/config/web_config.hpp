#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "config/sconf_schema.hpp"

// The web server of domains.conf. What each field means stands in the tables of web_config.cpp.

namespace mox::config {

struct WebStatic {
    std::string strip_prefix, root;
    bool list_files = false, continue_not_found = false;
    std::map<std::string, std::string> response_headers;
    bool operator==(const WebStatic&) const = default;
};

struct WebRedirect {
    std::string base_url, orig_path_regexp, replace_path;
    std::int64_t status_code = 0;  // 0: 308
    bool operator==(const WebRedirect&) const = default;
};

struct WebForward {
    bool strip_path = false;
    std::string url;
    std::map<std::string, std::string> response_headers;
    bool operator==(const WebForward&) const = default;
};

struct WebInternal {
    std::string base_path, service;
    bool operator==(const WebInternal&) const = default;
};

// Exactly one of the last four is set.
struct WebHandler {
    std::string log_name, domain, path_regexp;
    bool dont_redirect_plain_http = false, compress = false;
    std::optional<WebStatic> web_static;
    std::optional<WebRedirect> web_redirect;
    std::optional<WebForward> web_forward;
    std::optional<WebInternal> web_internal;
    bool operator==(const WebHandler&) const = default;
};

std::span<const sconf::Field> fields_of(const WebStatic*);
std::span<const sconf::Field> fields_of(const WebRedirect*);
std::span<const sconf::Field> fields_of(const WebForward*);
std::span<const sconf::Field> fields_of(const WebInternal*);
std::span<const sconf::Field> fields_of(const WebHandler*);

}  // namespace mox::config
