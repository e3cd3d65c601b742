#include "tools/shared/data_dir.hpp"

#include <sys/statvfs.h>

#include "admin/account_data.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "db/inspect.hpp"
#include "store/mailbox.hpp"

namespace mox::tools {

DataDir open_data_dir(const cli::DataDirOptions& options) {
    if (options.data_dir) return {.layout = datadir::open(*options.data_dir)};
    config::Config loaded = config::load(cli::config_file(options));
    return {.layout = datadir::open(loaded.paths.data), .config = std::move(loaded)};
}

store::Account open_account(const DataDir& data_dir, std::string_view name, store::AccountOptions options) {
    if (data_dir.config) return admin::open_account(*data_dir.config, data_dir.layout, name, options);
    return store::Account::open(data_dir.layout, name, options);
}

store::Account open_account_untouched(const datadir::Layout& layout, std::string_view name) {
    const bool is_live = datadir::account_name_problem(name).empty() && db::in_use(layout.account_db(name));
    return store::Account::open(layout, name, {.access = is_live ? db::Access::read_only : db::Access::immutable});
}

store::Account open_account_for_reading(const datadir::Layout& layout, std::string_view name,
                                        std::chrono::milliseconds lock_timeout) {
    const auto database = layout.account_db(name);
    struct statvfs medium = {};
    const bool is_read_only = ::statvfs(layout.root().c_str(), &medium) == 0 && (medium.f_flag & ST_RDONLY) != 0;
    if (!is_read_only)
        return store::Account::open(layout, name, {.access = db::Access::read_only, .lock_timeout = lock_timeout});
    const auto log = status_of(database.native() + "-wal");
    if (log && log->st_size > 0)
        throw Error(Errc::failed, "account " + quote(name) + ": a log must be replayed, and the medium is read-only",
                    "copy the data directory to another place");
    return store::Account::open(layout, name, {.access = db::Access::immutable, .lock_timeout = lock_timeout});
}

void require_account(const DataDir& data_dir, std::string_view name) {
    if (data_dir.config && !status_of(data_dir.layout.account(name)))
        (void)config::account_config(*data_dir.config, name);
    else
        (void)open_account_untouched(data_dir.layout, name);
}

std::vector<std::string> complete_names(const cli::DataDirOptions& options, std::string_view what,
                                        std::string_view account) try {
    const DataDir data_dir = open_data_dir(options);
    if (what == "accounts") return datadir::account_names(data_dir.layout);
    if (what != "mailboxes") return {};
    auto opened = open_account_untouched(data_dir.layout, account);
    std::vector<std::string> names;
    for (const auto& mailbox : store::list_mailboxes(opened.database())) names.push_back(mailbox.name);
    return names;
} catch (const Error&) {
    return {};  // a shell that completes shows no errors
}

}  // namespace mox::tools
