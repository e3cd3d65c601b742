#include "admin/account_data.hpp"

#include "auth/credentials.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "config/junk_flags.hpp"

namespace mox::admin {

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

// 64 of them.
constexpr std::string_view password_letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%+-=?@";
static_assert(password_letters.size() == 64);

}  // namespace

store::Account open_account(const config::Config& config, const datadir::Layout& layout, std::string_view name,
                            store::AccountOptions options) {
    options.junk_flags = config::junk_flags(config, name);
    if (!status_of(layout.account(name))) {
        (void)config::account_config(config, name);  // throws for a name that is not configured
        return store::Account::create(layout, name, configured_mailboxes(config.settings), options);
    }
    return store::Account::open(layout, name, options);
}

void set_password(store::Account& account, std::string_view password, Random& random) {
    auth::save_credentials(account.database(), auth::derive_credentials(password, random, account.now()));
}

void set_admin_password(const config::Config& config, std::string_view password, Random& random) {
    if (config.settings.admin_password_file.empty())
        throw Error(Errc::failed, quote(config.paths.static_file.native()) + " has no AdminPasswordFile",
                    "add the line 'AdminPasswordFile: adminpasswd' to it");
    if (const auto problem = auth::password_problem(password); !problem.empty()) throw Error(Errc::usage, problem);
    const auto file = config.paths.directory / config.settings.admin_password_file;
    Ownership ownership = datadir::ownership_of(file.parent_path());
    ownership.file_mode &= 0640;
    if (const auto status = status_of(file)) {
        ownership.user = status->st_uid;
        ownership.group = status->st_gid;
        ownership.file_mode = status->st_mode & 0777;
    }
    AtomicFile out(file, ownership);
    out.write(auth::bcrypt_hash(*auth::prepared_password(password), random));
    out.commit();
}

std::string generate_password(Random& random, std::size_t length) {
    std::string password;
    while (password.size() < length) password += password_letters[random.below(password_letters.size())];
    return password;
}

}  // namespace mox::admin
