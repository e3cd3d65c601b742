#include "mime/domain.hpp"

#include <unicode/uidna.h>

#include <memory>

#include "base/encoding.hpp"

namespace mox::mime {

namespace {

constexpr std::size_t max_domain_bytes = 1000;  // names have at most 253 letters; four bytes each, at most

struct CloseIdna {
    void operator()(UIDNA* idna) const { uidna_close(idna); }
};

bool needs_conversion(std::string_view domain) {
    for (std::size_t i = 0; i < domain.size(); ++i) {
        if (static_cast<unsigned char>(domain[i]) >= 0x80) return true;
        const bool starts_label = i == 0 || domain[i - 1] == '.';
        if (starts_label && equal_ignoring_case(domain.substr(i, 4), "xn--")) return true;
    }
    return false;
}

}  // namespace

std::string unicode_domain(std::string_view domain) {
    if (domain.size() > max_domain_bytes || !needs_conversion(domain)) return ascii_lower(domain);
    UErrorCode status = U_ZERO_ERROR;
    static const std::unique_ptr<UIDNA, CloseIdna> idna(uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_UNICODE, &status));
    if (!idna) return ascii_lower(domain);
    std::string name(domain.size() * 4 + 16, '\0');
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    status = U_ZERO_ERROR;
    const std::int32_t length =
        uidna_nameToUnicodeUTF8(idna.get(), domain.data(), static_cast<std::int32_t>(domain.size()), name.data(),
                                static_cast<std::int32_t>(name.size()), &info, &status);
    if (U_FAILURE(status) || info.errors != 0) return ascii_lower(domain);
    name.resize(static_cast<std::size_t>(length));
    return name;
}

std::string ascii_domain(std::string_view domain) {
    const std::string unicode = unicode_domain(domain);
    if (!needs_conversion(unicode)) return unicode;
    UErrorCode status = U_ZERO_ERROR;
    static const std::unique_ptr<UIDNA, CloseIdna> idna(uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status));
    if (!idna) return unicode;
    std::string name(unicode.size() * 4 + 16, '\0');
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    status = U_ZERO_ERROR;
    const std::int32_t length =
        uidna_nameToASCII_UTF8(idna.get(), unicode.data(), static_cast<std::int32_t>(unicode.size()), name.data(),
                               static_cast<std::int32_t>(name.size()), &info, &status);
    if (U_FAILURE(status) || info.errors != 0) return unicode;
    name.resize(static_cast<std::size_t>(length));
    return name;
}

std::string domain_problem(std::string_view domain) {
    if (domain.empty()) return "is empty";
    if (domain.size() > max_domain_bytes) return "is too long";
    if (const std::string unicode = unicode_domain(domain); unicode != domain)
        return "has to be written " + quote(unicode);
    constexpr std::uint32_t options = UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                      UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE;
    UErrorCode status = U_ZERO_ERROR;
    static const std::unique_ptr<UIDNA, CloseIdna> idna(uidna_openUTS46(options, &status));
    if (!idna) return {};
    std::string name(domain.size() * 4 + 16, '\0');
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    status = U_ZERO_ERROR;
    uidna_nameToASCII_UTF8(idna.get(), domain.data(), static_cast<std::int32_t>(domain.size()), name.data(),
                           static_cast<std::int32_t>(name.size()), &info, &status);
    if ((info.errors & UIDNA_ERROR_EMPTY_LABEL) != 0) return "has an empty label";
    if ((info.errors & (UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG)) != 0) return "is too long";
    if ((info.errors & (UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4)) != 0)
        return "has a hyphen where none may be";
    if (U_FAILURE(status) || info.errors != 0) return "has characters that no domain can have";
    return {};
}

}  // namespace mox::mime
