#include "tools/shared/data_dir.hpp"

#include <sys/statvfs.h>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "db/inspect.hpp"
#include "store/mailbox.hpp"

namespace mox::tools {

namespace {

store::SpecialUse special_use_of(config::MailboxRole role) {
    switch (role) {
        case config::MailboxRole::none:
            return store::SpecialUse::none;
        case config::MailboxRole::archive:
            return store::SpecialUse::archive;
        case config::MailboxRole::drafts:
            return store::SpecialUse::drafts;
        case config::MailboxRole::junk:
            return store::SpecialUse::junk;
        case config::MailboxRole::sent:
            return store::SpecialUse::sent;
        case config::MailboxRole::trash:
            return store::SpecialUse::trash;
    }
    return store::SpecialUse::none;
}

std::vector<store::InitialMailbox> configured_mailboxes(const config::Static& settings) {
    std::vector<store::InitialMailbox> mailboxes;
    for (const auto& mailbox : config::initial_mailboxes(settings))
        if (mailbox.name != "Inbox") mailboxes.push_back({mailbox.name, special_use_of(mailbox.role)});
    return mailboxes;
}

model::AutomaticJunkFlags junk_flags_of(const config::Config& config, std::string_view account) {
    const auto configured = config::automatic_junk_flags(config, account);
    return model::AutomaticJunkFlags({.enabled = configured.enabled,
                                      .junk = configured.junk_mailbox_regexp,
                                      .neutral = configured.neutral_mailbox_regexp,
                                      .not_junk = configured.not_junk_mailbox_regexp});
}

}  // namespace

DataDir open_data_dir(const cli::DataDirOptions& options) {
    if (options.data_dir) return {.layout = datadir::open(*options.data_dir)};
    config::Config loaded = config::load(cli::config_file(options));
    return {.layout = datadir::open(loaded.paths.data), .config = std::move(loaded)};
}

store::Account open_account(const DataDir& data_dir, std::string_view name, store::AccountOptions options) {
    if (data_dir.config) options.junk_flags = junk_flags_of(*data_dir.config, name);
    if (data_dir.config && !status_of(data_dir.layout.account(name))) {
        (void)config::account_config(*data_dir.config, name);  // throws for a name that is not configured
        return store::Account::create(data_dir.layout, name, configured_mailboxes(data_dir.config->settings), options);
    }
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
