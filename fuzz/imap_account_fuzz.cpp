// A session that is logged in survives whatever a client sends, answers in whole lines outside of literals, and leaves
// the account in order: counts of its mailboxes are those of their messages, and no file is left below tmp/.

#include <string>

#include "require.hpp"
#include "server/imap/session.hpp"
#include "store/deliver.hpp"
#include "store/mailbox.hpp"
#include "tests/support/session_driver.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

struct Nobody final : login::Users {
    login::Lookup find(std::string_view) override { throw Error(Errc::locked, "not now"); }
};

struct NoSink final : log::Sink {
    void write(log::Level, std::string_view line) override { require(line.find('\n') == std::string_view::npos); }
};

constexpr std::string_view message =
    "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: hi\r\nMessage-ID: <1@example>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\nContent-Type: text/html\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n--b--\r\n";

// A data directory with an account, for some inputs.
struct Directory {
    Directory() {
        (void)datadir::create(layout.root());
        auto account = store::Account::create(layout, "fuzz");
        for (int i = 0; i < 4; ++i)
            (void)store::deliver(account, i < 3 ? "Inbox" : "A/B", {.received = {.seconds = 1'700'000'000}}, message);
        account.close();
    }
    void check() const {
        auto account = store::Account::open(layout, "fuzz");
        for (const auto& mailbox : store::list_mailboxes(account.database()))
            require(account.database().value<std::int64_t>("SELECT count(*) FROM placement WHERE mailbox_id = ?",
                                                           mailbox.id) ==
                    mailbox.counts.total + mailbox.counts.deleted);
        require(list_directory(layout.tmp()).empty());
    }
    test::TempDir temp;
    datadir::Layout layout{temp / "data"};
};

void run(const Directory& directory, std::string_view input, std::size_t piece) {
    Nobody users;
    NoSink sink;
    log::Levels levels;
    levels.set_everything(log::Level::trace);
    FixedClock clock(1'795'343'645);
    login::AttemptLimiter attempts(clock);
    const log::Log log{sink, levels, clock};
    std::vector<std::function<void()>> tasks;
    imap::Accounts accounts({.layout = directory.layout, .log = log::Logger(log, "imap")},
                            [&](const std::string&, std::function<void()> task) { tasks.push_back(std::move(task)); });
    const imap::Environment environment{.users = users,
                                        .attempts = attempts,
                                        .accounts = accounts,
                                        .clock = clock,
                                        .hostname = "mail.example",
                                        .secret = "secret",
                                        .version = "1"};
    {
        imap::Session session(environment, {}, net::Peer{.ip = "192.0.2.1"}, log::Logger(log, "net"));
        test::SessionDriver driver(session);
        (void)driver.start();
        session.log_in({.account = "fuzz", .address = "fuzz@example"});
        std::string out = driver.feed("s SELECT Inbox\r\n");
        for (; !input.empty() && driver.next() == net::Next::read; input.remove_prefix(std::min(piece, input.size()))) {
            out += driver.feed(input.substr(0, piece));
            out += driver.woken();
        }
        require(out.ends_with("\r\n"));
    }
    while (!tasks.empty())
        for (const auto& task : std::exchange(tasks, {})) task();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::unique_ptr<Directory> directory;
    static int inputs = 0;
    if (size == 0) return 0;
    if (inputs++ % 200 == 0) {
        directory.reset();
        directory = std::make_unique<Directory>();
    }
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    run(*directory, input, data[0] % 3 == 0 ? 1 : data[0] % 3 == 1 ? 7 : size);
    directory->check();
    return 0;
}
