#include "check/directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>

#include "base/encoding.hpp"
#include "check/opened.hpp"
#include "reports/databases.hpp"

namespace mox::check {

namespace {

enum class Kind { file, folder, socket };
struct Known {
    std::string_view name;
    Kind kind;
};
constexpr std::array known_entries{
    Known{"moxversion", Kind::file}, Known{"receivedid.key", Kind::file}, Known{"lastknownversion", Kind::file},
    Known{"ctl", Kind::socket},      Known{"accounts", Kind::folder},     Known{"queue", Kind::folder},
    Known{"tmp", Kind::folder},      Known{"moved", Kind::folder},        Known{"locks", Kind::folder},
    Known{"acme", Kind::folder},
};
// Whether these are databases is checked on its own.
bool is_database(std::string_view name) {
    for (const auto& database : reports::directory_databases())
        if (name == database.name || is_side_file(name, database.name)) return true;
    return false;
}

bool is_of(Kind kind, mode_t mode) {
    switch (kind) {
        case Kind::file:
            return S_ISREG(mode);
        case Kind::folder:
            return S_ISDIR(mode);
        case Kind::socket:
            return S_ISSOCK(mode);
    }
    return false;
}

void check_entry(Scope& scope, std::string_view name, const struct stat& status) {
    const std::string path(name);
    if (is_database(name)) return;
    for (const Known& known : known_entries) {
        if (known.name != name) continue;
        check_owner(scope, path, status);
        if (is_of(known.kind, status.st_mode)) return;
        if (known.kind == Kind::folder)
            scope.add("folder", path, fmt::format("is {}, not a folder", kind_of(status.st_mode)));
        else
            scope.add("unknown-file", path, fmt::format("is {}, which it should not be", kind_of(status.st_mode)));
        return;
    }
    scope.add("unknown-file", path, fmt::format("is {} that does not belong here", kind_of(status.st_mode)));
}

}  // namespace

void check_directory(Scope& scope) {
    for_each_entry_of(scope, scope.run().root.get(), ".", [&](const char* name) {
        struct stat status = {};
        if (::fstatat(scope.run().root.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            check_entry(scope, name, status);
    });
}

std::vector<Part> database_parts() {
    std::vector<Part> parts;
    for (const auto& database : reports::directory_databases())
        parts.push_back({std::string(database.name), [&database](Scope& scope) {
                             check_plain_database(scope, (scope.run().layout.*database.path)(), database.schema(),
                                                  IfMissing::fine);
                         }});
    return parts;
}

}  // namespace mox::check
