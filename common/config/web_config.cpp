#include "config/web_config.hpp"

#include <array>

#include "config/sconf_fields.hpp"

namespace mox::config {

namespace {

using sconf::names_are_unique;
using sconf::optional;
using sconf::required;

constexpr std::array static_fields{
    optional<&WebStatic::strip_prefix>("StripPrefix", "Beginning of the path to remove before looking for a file."),
    required<&WebStatic::root>("Root",
                               "Directory with the files; relative to the directory the server was started in."),
    optional<&WebStatic::list_files>("ListFiles",
                                     "Show the contents of directories without index.html, instead of refusing."),
    optional<&WebStatic::continue_not_found>(
        "ContinueNotFound", "Try the next handlers when there is no such file. Only GET and HEAD match then."),
    optional<&WebStatic::response_headers>("ResponseHeaders", "Headers to add to answers."),
};
static_assert(names_are_unique(static_fields));

constexpr std::array redirect_fields{
    optional<&WebRedirect::base_url>(
        "BaseURL",
        "URL to redirect to; its path is replaced. Without a scheme, as in //example.org/, the scheme stays."),
    optional<&WebRedirect::orig_path_regexp>("OrigPathRegexp",
                                             "Expression for the path; paths that do not match are not found."),
    optional<&WebRedirect::replace_path>("ReplacePath",
                                         "New path, in which $1 and so on stand for parts of OrigPathRegexp."),
    optional<&WebRedirect::status_code>("StatusCode", "HTTP status of the redirect. Default: 308."),
};
static_assert(names_are_unique(redirect_fields));

constexpr std::array forward_fields{
    optional<&WebForward::strip_path>("StripPath", "Remove what PathRegexp matched before forwarding."),
    required<&WebForward::url>("URL",
                               "Server to pass requests to; the path is appended. X-Forwarded headers are set anew."),
    optional<&WebForward::response_headers>("ResponseHeaders", "Headers to add to answers."),
};
static_assert(names_are_unique(forward_fields));

constexpr std::array internal_fields{
    required<&WebInternal::base_path>("BasePath", "Root of the service, for example /webmail/."),
    required<&WebInternal::service>("Service", "One of admin, account, webmail and webapi."),
};
static_assert(names_are_unique(internal_fields));

constexpr std::array handler_fields{
    optional<&WebHandler::log_name>("LogName", "Name in logs and metrics."),
    required<&WebHandler::domain>("Domain", "Domain of requests to handle."),
    required<&WebHandler::path_regexp>("PathRegexp", "Expression for paths to handle; it starts with ^."),
    optional<&WebHandler::dont_redirect_plain_http>(
        "DontRedirectPlainHTTP", "Answer requests without TLS, instead of redirecting them to HTTPS."),
    optional<&WebHandler::compress>("Compress", "Compress answers where that pays and the client can read them."),
    optional<&WebHandler::web_static>("WebStatic", "Answer with files."),
    optional<&WebHandler::web_redirect>("WebRedirect", "Answer with a redirect."),
    optional<&WebHandler::web_forward>("WebForward", "Pass requests to another server."),
    optional<&WebHandler::web_internal>("WebInternal", "Pass requests to a service of this server."),
};
static_assert(names_are_unique(handler_fields));

}  // namespace

std::span<const sconf::Field> fields_of(const WebStatic*) {
    return static_fields;
}
std::span<const sconf::Field> fields_of(const WebRedirect*) {
    return redirect_fields;
}
std::span<const sconf::Field> fields_of(const WebForward*) {
    return forward_fields;
}
std::span<const sconf::Field> fields_of(const WebInternal*) {
    return internal_fields;
}
std::span<const sconf::Field> fields_of(const WebHandler*) {
    return handler_fields;
}

}  // namespace mox::config
