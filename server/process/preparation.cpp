#include "server/process/preparation.hpp"

#include <unistd.h>

#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "config/validate.hpp"
#include "server/net/bind.hpp"
#include "server/process/permissions.hpp"
#include "server/process/privileges.hpp"
#include "server/process/received_id_key.hpp"

namespace mox::process {

namespace {

datadir::Layout open_data_directory(const config::Config& config) try {
    return datadir::open(config.paths.data);
} catch (const Error& error) {
    if (error.code() != Errc::not_found) throw;
    throw Error(error.code(), "there is no data directory " + quote(config.paths.data.native()),
                "mox.conf names it as DataDir; 'mox quickstart' or a restore makes one");
}

datadir::Lock take_directory(const datadir::Layout& layout) {
    auto lock = datadir::Lock::try_take(layout, "serve", datadir::LockMode::exclusive);
    if (!lock)
        throw Error(Errc::locked, "a server runs already on " + quote(layout.root().native()), "'mox stop' ends it");
    return std::move(*lock);
}

void require_owner(const datadir::Layout& layout, const User& user) {
    const auto status = status_of(layout.root());
    if (!status || status->st_uid == user.user) return;
    throw Error(Errc::failed,
                "the data directory " + quote(layout.root().native()) + " belongs to user " +
                    std::to_string(status->st_uid) + ", the server runs as " + user.name,
                "start as root without NoFixPermissions, or: chown -R " + user.name + " " + layout.root().string());
}

// After root is gone: errors now are better than errors with the first message.
void require_access(const config::Config& config, const User& user) {
    if (::access(config.paths.data.c_str(), R_OK | W_OK | X_OK) != 0)
        throw Error(Errc::failed,
                    "user " + user.name + " cannot use the data directory " + quote(config.paths.data.native()),
                    "every folder on the way to it needs the permission x for that user");
    if (::access(config.paths.domains_file.c_str(), R_OK) != 0)
        throw Error(Errc::failed, "user " + user.name + " cannot read " + quote(config.paths.domains_file.native()),
                    "every folder on the way to it needs the permission x for that user");
}

void note_unreadable_keys(const Listeners& listeners, const User& user, const log::Logger& log) {
    for (const auto& tls : listeners.tls)
        for (const auto& files : tls.files)
            for (const auto& path : {files.certificate, files.key})
                if (::access(path.c_str(), R_OK) != 0)
                    log.error("a renewed certificate will need a restart: the server's user cannot read the file",
                              {{"path", path.native()}, {"user", user.name}});
}

}  // namespace

config::Config load_configuration(const std::filesystem::path& file, const log::Logger& log) {
    auto config = config::read(file);
    config::validate(config);
    config::throw_if_unusable(config);
    for (const auto& found : config.problems)
        log.info("configuration warning",
                 {{"file", found.file.native()}, {"line", found.problem.line}, {"warning", found.problem.message}});
    return config;
}

void set_levels(log::Levels& levels, const config::Static& settings) {
    std::map<std::string, log::Level, std::less<>> packages;
    for (const auto& [package, name] : settings.package_log_levels)
        if (const auto level = log::level_named(name)) packages.emplace(package, *level);
    levels.assign(log::level_named(settings.log_level).value_or(log::Level::info), std::move(packages));
}

Prepared prepare(config::Config config, const log::Logger& log) {
    const bool is_root = ::geteuid() == 0;
    const std::string& name = config.settings.user;
    User user = is_root ? find_user(name.empty() ? "mox" : name) : current_user();
    auto listeners = plan_listeners(config, log);
    auto passed = net::take_passed_sockets();
    auto layout = open_data_directory(config);
    auto lock = take_directory(layout);
    if (is_root && !config.settings.no_fix_permissions)
        repair_permissions({.working_directory = std::filesystem::current_path(),
                            .config_directory = config.paths.directory,
                            .data_directory = config.paths.data},
                           user, log);
    require_owner(layout, user);
    auto key = received_id_key(layout, user);
    for (auto& tls : listeners.tls) tls.slot->current = load_certificates(tls, log);
    bind_all(listeners, std::move(passed), log);
    auto control = net::listen_local(layout.control_socket(), datadir::ownership_of(layout.root()));
    try {
        if (is_root) become(user);
        confine();
        require_access(config, user);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(layout.control_socket(), ignored);
        throw;
    }
    note_unreadable_keys(listeners, user, log);
    return {.config = std::move(config),
            .layout = std::move(layout),
            .serving = std::move(lock),
            .user = std::move(user),
            .listeners = std::move(listeners),
            .control = std::move(control),
            .received_id_key = std::move(key)};
}

}  // namespace mox::process
