#include "server/process/running.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/interrupt.hpp"
#include "base/version.hpp"

namespace mox::process {

namespace {

using namespace std::chrono_literals;

constexpr auto grace = 3s;
constexpr auto poll_interval = 1s;
constexpr unsigned least_workers = 4;
constexpr rlim_t spare_descriptors = 200;  // for databases and files
constexpr std::size_t most_control_connections = 64;

// Twice as many as processors: they wait for disks.
unsigned worker_count() {
    return std::max(least_workers, 2 * std::thread::hardware_concurrency());
}

// As many connections as descriptors allow.
net::ConnectionLimits::Numbers connection_numbers() {
    net::ConnectionLimits::Numbers numbers;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return numbers;
    files.rlim_cur = files.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &files);
    (void)::getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t room = files.rlim_cur > 2 * spare_descriptors ? files.rlim_cur - spare_descriptors : spare_descriptors;
    numbers.in_all = static_cast<std::uint32_t>(std::min<rlim_t>(numbers.in_all, room));
    return numbers;
}

std::string secret_of(const std::string& key) {
    return to_hex(sha256(as_bytes("made-up salts\n" + key)));
}

login::PasswordCache new_password_cache(const Clock& clock) {
    SystemRandom random;
    return {clock, random};
}

std::string imap_refusal(net::ConnectionLimits::Refusal why) {
    using Refusal = net::ConnectionLimits::Refusal;
    if (why == Refusal::too_fast) return "* BYE too many new connections from your network, slow down please\r\n";
    if (why == Refusal::too_many) return "* BYE too many open connections from your network\r\n";
    return "* BYE too many open connections\r\n";
}

}  // namespace

Running::Running(Prepared prepared, const Options& options, const log::Log& log, Notifier notifier)
    : clock_(log.clock),
      levels_(log.levels),
      log_(log, "serve"),
      options_(options),
      prepared_(std::move(prepared)),
      notifier_(std::move(notifier)),
      config_(prepared_.config, log_.as("config")),
      users_(config_, prepared_.layout),
      rules_(config_),
      attempts_(clock_),
      passwords_(new_password_cache(clock_)),
      accounts_(
          {.layout = prepared_.layout,
           .clock = &clock_,
           .rules = [this](const std::string& account) { return rules_.of(account); },
           .log = log_.as("imap")},
          [this](const std::string& strand, std::function<void()> task) { workers_.submit(strand, std::move(task)); }),
      imap_{.users = users_,
            .attempts = attempts_,
            .accounts = accounts_,
            .clock = clock_,
            .hostname = prepared_.config.settings.hostname,
            .secret = secret_of(prepared_.received_id_key),
            .version = std::string(program_version()),
            .matches = [this](const std::string& hash,
                              std::string_view password) { return passwords_.matches(hash, password); }},
      context_{.layout = prepared_.layout,
               .config_file = prepared_.config.paths.static_file,
               .levels = levels_,
               .stop = [this] { loop_.post([this] { stop(); }); },
               .reload_domains = [this] { config_.reload_domains(); }},
      ctl_{.commands = commands_, .context = context_, .users = {0, prepared_.user.user}},
      imap_limits_(std::make_shared<net::ConnectionLimits>(clock_, connection_numbers())),
      watch_(prepared_.config.paths.domains_file),
      workers_(worker_count()),
      server_(loop_, workers_, log_.as("net")) {
    commands_.add(ctl::own_commands());
    commands_.add(options_.more_commands);
    add_control();
    for (auto& socket : prepared_.listeners.sockets) add_socket(std::move(socket));
    watch_signals();
    watch_domains();
    watch_accounts();
}

void Running::add_control() {
    server_.add({.name = "ctl",
                 .socket = std::move(prepared_.control),
                 .most_connections = most_control_connections,
                 .make_session = [this](const net::Peer& peer, const log::Logger& log) {
                     return std::make_unique<ctl::Session>(ctl_, peer, log.as("ctl"));
                 }});
}

void Running::add_socket(Socket socket) {
    const imap::Settings settings{.starttls = socket.transport == net::Service::Transport::starttls,
                                  .plain_text_passwords = socket.plain_text_passwords};
    log_.info("listening", {{"listener", socket.listener},
                            {"service", socket.transport == net::Service::Transport::tls ? "imaps" : "imap"},
                            {"address", to_string(socket.endpoint)}});
    server_.add({.name = "imap",
                 .socket = std::move(socket.fd),
                 .transport = socket.transport,
                 .tls = socket.tls,
                 .limits = imap_limits_,
                 .make_session =
                     [this, settings](const net::Peer& peer, const log::Logger& log) {
                         return std::make_unique<imap::Session>(imap_, settings, peer, log);
                     },
                 .refusal = imap_refusal});
}

void Running::watch_signals() {
    for (const int number : {SIGTERM, SIGINT})
        loop_.on_signal(number, [this, number] {
            log_.info("signal", {{"number", number}});
            stop();
        });
    loop_.on_signal(SIGHUP, [this] { reload(); });
}

void Running::watch_domains() {
    if (watch_.fd() >= 0) return loop_.on_readable(watch_.fd(), [this] { domains_may_have_changed(); });
    loop_.after(poll_interval, [this] {
        domains_may_have_changed();
        watch_domains();
    });
}

void Running::watch_accounts() {
    loop_.after(poll_interval, [this] {
        accounts_.look_for_changes();
        watch_accounts();
    });
}

void Running::domains_may_have_changed() {
    if (!watch_.changed()) return;
    workers_.submit("domains.conf", [this] {
        try {
            config_.reload_domains();
        } catch (const Error& error) {
            log_.error("domains.conf cannot be used; what was in force stays", {{"err", error.what()}});
        }
    });
}

void Running::reload() {
    log_.info("reloading certificates and log levels");
    notifier_.reloading();
    workers_.submit("reload", [this] {
        try {
            const auto config = load_configuration(prepared_.config.paths.static_file, log_);
            set_levels(levels_, config.settings);
        } catch (const Error& error) {
            log_.error("mox.conf cannot be used; log levels stay", {{"err", error.what()}});
        }
        for (const auto& tls : prepared_.listeners.tls) {
            try {
                loop_.post([slot = tls.slot, loaded = load_certificates(tls, log_)] { slot->current = loaded; });
                log_.info("certificates loaded", {{"listener", tls.listener}});
            } catch (const Error& error) {
                log_.error("the present certificates stay", {{"err", error.what()}});
            }
        }
        loop_.post([this] {
            if (!stopping_) notifier_.ready();
        });
    });
}

void Running::stop() {
    if (std::exchange(stopping_, true)) return;
    log_.info("stopping");
    notifier_.stopping();
    server_.shut_down(grace, [this] { loop_.stop(); });
}

void Running::run() {
    loop_.post([this] {
        log_.info("ready to serve", {{"user", prepared_.user.user}, {"data", prepared_.layout.root().native()}});
        notifier_.ready();
        if (options_.on_ready) options_.on_ready();
    });
    loop_.run();
    set_interrupted_by(SIGTERM);  // for what still runs on a worker
    workers_.stop();
    (void)remove_file(prepared_.layout.control_socket());
    set_interrupted_by(0);
    log_.info("stopped");
}

}  // namespace mox::process
