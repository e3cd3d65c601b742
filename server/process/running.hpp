#pragma once

#include <memory>

#include "server/auth/attempt_limiter.hpp"
#include "server/auth/password_cache.hpp"
#include "server/ctl/session.hpp"
#include "server/imap/session.hpp"
#include "server/net/loop.hpp"
#include "server/net/server.hpp"
#include "server/net/workers.hpp"
#include "server/process/account_rules.hpp"
#include "server/process/directory_users.hpp"
#include "server/process/file_watch.hpp"
#include "server/process/live_config.hpp"
#include "server/process/notify.hpp"
#include "server/process/preparation.hpp"
#include "server/process/serve.hpp"

namespace mox::process {

// A server that has started, until it ends.
class Running {
public:
    Running(Prepared prepared, const Options& options, const log::Log& log, Notifier notifier);
    void run();  // until it is stopped

private:
    void add_control();
    void add_socket(Socket socket);
    void watch_signals();
    void watch_domains();
    void watch_accounts();
    void domains_may_have_changed();
    void reload();  // SIGHUP
    void stop();

    const Clock& clock_;
    log::Levels& levels_;
    const log::Logger log_;
    const Options& options_;
    Prepared prepared_;
    Notifier notifier_;

    net::Loop loop_;
    LiveConfig config_;
    DirectoryUsers users_;
    ConfiguredRules rules_;
    login::AttemptLimiter attempts_;
    login::PasswordCache passwords_;
    imap::Accounts accounts_;
    imap::Environment imap_;
    ctl::Commands commands_;
    ctl::Context context_;
    ctl::Environment ctl_;
    std::shared_ptr<net::ConnectionLimits> imap_limits_;
    FileWatch watch_;
    bool stopping_ = false;
    net::Workers workers_;  // after all that their tasks use
    net::Server server_;
};

}  // namespace mox::process
