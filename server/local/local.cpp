#include "server/local/local.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "auth/credentials.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "config/load.hpp"
#include "datadir/layout.hpp"
#include "keys/certificate.hpp"
#include "keys/private_key.hpp"
#include "server/net/bind.hpp"
#include "store/account.hpp"

namespace mox::local {

namespace fs = std::filesystem;

namespace {

constexpr std::uint16_t imap_port = 143, imaps_port = 993;
constexpr std::int64_t day_seconds = 86'400;

bool has_ipv6() try {
    (void)net::listen_tcp({"::1", 0});
    return true;
} catch (const Error&) {
    return false;
}

std::vector<std::string> addresses(const Options& options) {
    if (!options.ip.empty()) return {options.ip};
    return has_ipv6() ? std::vector<std::string>{"127.0.0.1", "::1"} : std::vector<std::string>{"127.0.0.1"};
}

// Whom root becomes: somebody who is there and has nothing.
std::string user_for_root() {
    for (const char* name : {"mox", "nobody"})
        if (::getpwnam(name) != nullptr) return name;
    return "65534";
}

config::Static static_config(const Options& options) {
    config::Static settings;
    settings.data_dir = "../data";
    settings.log_level = "info";
    settings.hostname = "localhost";
    settings.pedantic = true;
    settings.admin_password_file = "adminpasswd";
    if (::geteuid() == 0) settings.user = user_for_root();
    settings.postmaster = {.account = "mox", .mailbox = "Inbox"};
    auto& listener = settings.listeners["local"];
    listener.ips = addresses(options);
    listener.tls = config::ListenerTls{};
    listener.tls->key_certs.push_back({.cert_file = "localhost.crt", .key_file = "localhost.key"});
    listener.imap = {.enabled = true, .port = imap_port + options.port_offset, .no_require_starttls = true};
    listener.imaps = {.enabled = true, .port = imaps_port + options.port_offset};
    return settings;
}

config::Domains domains_config() {
    config::Domains domains;
    domains.domains["localhost"].localpart_catchall_separator = "+";
    auto account = config::new_account("localhost");
    account.destinations[std::string(account_address)] = {};
    // Programs that are tried here find the flags that they set, and no others.
    account.automatic_junk_flags = {};
    account.junk_filter.reset();
    domains.accounts["mox"] = std::move(account);
    return domains;
}

void write_file(const fs::path& path, std::string_view text, mode_t mode) {
    AtomicFile file(path, {.file_mode = mode});
    file.write(text);
    file.commit();
}

void write_all(const fs::path& folder, const Options& options) {
    SystemRandom random;
    const fs::path config = folder / "config";
    make_directory(config, {.directory_mode = 0750});
    write_file(config / "mox.conf", config::sconf::write(static_config(options)), 0640);
    write_file(config / "domains.conf", config::sconf::write(domains_config()), 0640);
    const auto now = SystemClock().now();
    const auto key = keys::PrivateKey::generate(keys::KeyKind::ecdsa);
    write_file(config / "localhost.key", key.to_pem(), 0640);
    write_file(config / "localhost.crt",
               keys::self_signed(key, {"localhost", "127.0.0.1", "::1"}, now.seconds - day_seconds,
                                 now.seconds + 4 * 365 * day_seconds),
               0644);
    write_file(config / "adminpasswd", auth::bcrypt_hash(admin_password, random), 0640);

    make_directory(folder / "data", {.directory_mode = 0750});
    const auto layout = datadir::create(folder / "data");
    auto account = store::Account::create(layout, "mox");
    auth::save_credentials(account.database(), auth::derive_credentials(account_password, random, now));
    account.close();
}

}  // namespace

fs::path default_directory() {
    if (::geteuid() == 0) return "/var/lib/mox-localserve";
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder != nullptr && *folder == '/')
        return fs::path(folder) / "mox-localserve";
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/')
        throw Error(Errc::usage, "there is no home directory ($HOME)", "name a directory with --dir");
    return fs::path(home) / ".config" / "mox-localserve";
}

Installation prepare(const Options& options) {
    const fs::path directory = fs::absolute(options.directory).lexically_normal();
    Installation out{.config_file = directory / "config" / "mox.conf",
                     .certificate_file = directory / "config" / "localhost.crt"};
    if (status_of(out.config_file)) return out;
    if (status_of(directory) && (!directory_exists(directory) || !list_directory(directory).empty()))
        throw Error(Errc::failed, quote(directory.native()) + " holds something else",
                    "name a directory that is missing or empty with --dir");
    const fs::path parent = directory.has_filename() ? directory.parent_path() : directory.parent_path().parent_path();
    make_directories(parent);
    TemporaryDirectory unfinished(parent, ".mox-localserve-");
    fs::permissions(unfinished.path(), fs::perms(0755));
    write_all(unfinished.path(), options);
    for (const char* part : {"config", "data"}) sync_directory(unfinished.path() / part);
    if (status_of(directory)) fs::remove(directory);  // empty
    make_directory(directory, {.directory_mode = 0755});
    rename_file(unfinished.path() / "data", directory / "data");
    rename_file(unfinished.path() / "config", directory / "config");  // last: it is what is looked for
    sync_directory(directory);
    out.is_new = true;
    return out;
}

}  // namespace mox::local
