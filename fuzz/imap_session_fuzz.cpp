// A session that nobody has logged in to answers alike however its bytes arrive, in whole lines, and never throws.

#include <string>

#include "require.hpp"
#include "server/imap/session.hpp"
#include "tests/support/session_driver.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

struct Nobody final : login::Users {
    login::Lookup find(std::string_view) override { throw Error(Errc::locked, "not now"); }
};

struct NoSink final : log::Sink {
    void write(log::Level, std::string_view line) override { require(line.find('\n') == std::string_view::npos); }
};

// Challenges are random.
std::string without_challenges(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        require(end != std::string::npos);
        const auto line = text.substr(at, end + 2 - at);
        out += line.starts_with("+ ") && line != "+ go ahead\r\n" ? "+\r\n" : line;
        at = end + 2;
    }
    return out;
}

std::string answers(std::string_view input, std::size_t piece, bool tls) {
    Nobody users;
    NoSink sink;
    log::Levels levels;
    levels.set_everything(log::Level::trace);
    FixedClock clock(1'795'343'645);
    login::AttemptLimiter attempts(clock);
    const log::Log log{sink, levels, clock};
    imap::Accounts accounts({.layout = datadir::Layout("/nonexistent"), .log = log::Logger(log, "imap")},
                            [](const std::string&, const std::function<void()>& task) { task(); });
    const imap::Environment environment{.users = users,
                                        .attempts = attempts,
                                        .accounts = accounts,
                                        .clock = clock,
                                        .hostname = "mail.example",
                                        .secret = "secret",
                                        .version = "1"};
    imap::Session session(environment, {.starttls = true}, net::Peer{.ip = "192.0.2.1"}, log::Logger(log, "net"));
    test::SessionDriver driver(session);
    std::string out = driver.start();
    if (tls) driver.tls({.version = "TLSv1.3", .exporter = std::string(32, 'e')});
    for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
        out += driver.feed(input.substr(0, piece));
        if (driver.next() != net::Next::read) break;
    }
    return without_challenges(out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool tls = (data[0] & 1) != 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string whole = answers(input, input.size() + 1, tls);
    require(answers(input, 1, tls) == whole);
    require(answers(input, 7, tls) == whole);
    return 0;
}
