#include <fmt/format.h>

#include "base/encoding.hpp"
#include "config/validation.hpp"

namespace mox::config {

namespace {

using Path = sconf::Path;

void validate_redirect(Validation& v, const Path& at, const WebRedirect& redirect) {
    if (redirect.base_url.empty() && redirect.orig_path_regexp.empty())
        v.error(at, "a redirect needs BaseURL or OrigPathRegexp");
    if (!redirect.base_url.empty()) v.http_url(at, "BaseURL", redirect.base_url);
    if (redirect.orig_path_regexp.empty() != redirect.replace_path.empty())
        v.error(at, "OrigPathRegexp and ReplacePath belong together");
    v.regexp(at, "OrigPathRegexp", redirect.orig_path_regexp);
    if (redirect.status_code != 0 && (redirect.status_code < 300 || redirect.status_code > 399))
        v.error(at / "StatusCode", fmt::format("{} is no status of a redirect", redirect.status_code), "3xx");
}

void validate_internal(Validation& v, const Path& at, const WebInternal& internal) {
    if (!internal.base_path.starts_with('/') || !internal.base_path.ends_with('/'))
        v.error(at / "BasePath", "path " + quote(internal.base_path) + " does not start and end with a slash");
    v.one_of(at, "Service", internal.service, {"admin", "account", "webmail", "webapi"});
}

void validate_handler(Validation& v, const Path& at, const WebHandler& handler) {
    v.domain(at / "Domain", handler.domain);
    if (!handler.path_regexp.starts_with('^'))
        v.error(at / "PathRegexp", "PathRegexp " + quote(handler.path_regexp) + " does not start with ^",
                "it would match in the middle of paths too");
    v.regexp(at, "PathRegexp", handler.path_regexp);
    const int kinds =
        static_cast<int>(handler.web_static.has_value()) + static_cast<int>(handler.web_redirect.has_value()) +
        static_cast<int>(handler.web_forward.has_value()) + static_cast<int>(handler.web_internal.has_value());
    if (kinds != 1)
        v.error(at, kinds == 0 ? "a handler that does nothing" : "a handler that does several things",
                "give one of WebStatic, WebRedirect, WebForward and WebInternal");
    if (handler.web_static && handler.web_static->root.empty()) v.error(at / "WebStatic" / "Root", "Root is empty");
    if (handler.web_redirect) validate_redirect(v, at / "WebRedirect", *handler.web_redirect);
    if (handler.web_forward) v.http_url(at / "WebForward", "URL", handler.web_forward->url);
    if (handler.web_internal) validate_internal(v, at / "WebInternal", *handler.web_internal);
}

}  // namespace

void validate_web(Validation& v) {
    const Domains& domains = v.config().domains;
    for (const auto& [from, to] : domains.web_domain_redirects) {
        v.domain({"WebDomainRedirects", from}, from);
        v.domain({"WebDomainRedirects", from}, to);
    }
    for (std::size_t i = 0; i < domains.web_handlers.size(); ++i)
        validate_handler(v, Path{"WebHandlers"} / i, domains.web_handlers[i]);
}

}  // namespace mox::config
