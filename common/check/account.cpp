#include "check/account.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "check/junk_filter.hpp"
#include "store/schema.hpp"

namespace mox::check {

namespace {

bool belongs_to_account(std::string_view name) {
    return name == "msg" || name == "index.db" || is_side_file(name, "index.db") || name == "junkfilter.db" ||
           is_side_file(name, "junkfilter.db");
}

// False when there is no folder to look into.
bool check_account_folder(Scope& scope, const std::string& name, const std::string& path) {
    const UniqueFd folder = open_folder(scope, scope.run().root.get(), path.c_str(), path);
    if (!folder) return false;
    if (const auto problem = datadir::account_name_problem(name); !problem.empty())
        scope.add("name", path, fmt::format("is no name for an account: {}", problem));
    for_each_entry_of(scope, folder.get(), path, [&](const char* entry) {
        struct stat status = {};
        if (belongs_to_account(entry) || ::fstatat(folder.get(), entry, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
        scope.add("unknown-file", path + "/" + entry,
                  fmt::format("is {} that does not belong here", kind_of(status.st_mode)));
    });
    return true;
}

void check_rows(Scope& scope, OpenedDatabase& opened, const std::string& name) {
    AccountRows rows(scope, opened);
    AccountMessages messages(scope, opened, name);
    bool has_counters = false, is_counted = false;
    std::vector<Pool::Task> tasks = opened.format_tasks(scope, store::account_schema());
    scope.guard(opened.path(), [&] {
        has_counters = rows.load();
        for (auto& task : messages.folder_tasks()) tasks.push_back(std::move(task));
    });
    if (has_counters) {
        const auto add_task = [&](void (AccountRows::*check)()) {
            tasks.push_back([&, check] { scope.guard(opened.path(), [&] { (rows.*check)(); }); });
        };
        tasks.push_back([&] {
            scope.guard(opened.path(), [&] {
                rows.check_placements();
                is_counted = true;
            });
        });
        add_task(&AccountRows::check_mailboxes);
        add_task(&AccountRows::check_leavings);
    }
    scope.run().pool.run(tasks);
    scope.guard(opened.path(), [&] {
        messages.finish();
        // Sums of what could be read only in part would say nothing.
        if (is_counted && messages.is_complete()) rows.check_sums(messages.sizes());
    });
}

}  // namespace

void check_account(Scope& scope, const std::string& name) {
    const std::string path = "accounts/" + name;
    look_until_stable(scope, [&] {
        if (!check_account_folder(scope, name, path)) return true;
        const bool filter_is_stable = check_junk_filter(scope, name);
        const auto opened =
            OpenedDatabase::open(scope, scope.run().layout.account_db(name), store::account_schema(), IfMissing::error);
        if (!opened) return filter_is_stable;
        check_rows(scope, *opened, name);
        const bool training_is_stable = check_training(scope, *opened, name);
        return filter_is_stable && training_is_stable && !opened->changed_meanwhile();
    });
}

}  // namespace mox::check
