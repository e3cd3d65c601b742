#include "server/imap/special_use.hpp"

#include <array>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

using model::SpecialUse;

struct Name {
    std::string_view name;
    SpecialUse use;
};
constexpr std::array names{Name{"\\Archive", SpecialUse::archive}, Name{"\\Drafts", SpecialUse::drafts},
                           Name{"\\Junk", SpecialUse::junk}, Name{"\\Sent", SpecialUse::sent},
                           Name{"\\Trash", SpecialUse::trash}};

}  // namespace

std::string special_use_names(SpecialUse use) {
    std::string out;
    for (const auto& one : names)
        if (has(use, one.use)) out.append(out.empty() ? "" : " ").append(one.name);
    return out;
}

SpecialUse special_use_named(std::string_view name) {
    for (const auto& one : names)
        if (equal_ignoring_case(one.name, name)) return one.use;
    return SpecialUse::none;
}

}  // namespace mox::imap
