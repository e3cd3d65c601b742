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

}  // namespace mox::mime
