// Writer processes at work on all accounts of a data directory while mox-backup runs back to back: every snapshot must
// verify with contents and hold, of each account, a state that existed while it was made. Prints the figures as a JSON
// object. Exit code 1, the directory kept and the writers' journal around the failure printed, when something is wrong.

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <new>
#include <sstream>

#include "backups.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "store/bulk.hpp"
#include "store/message_file.hpp"

using namespace mox;
using namespace mox::load;
namespace fs = std::filesystem;

namespace {

struct Options {
    fs::path directory;
    double seconds = 10;
    int writers = 8, accounts = 20;
    std::int64_t messages = 40;  // of each account
    std::string series;
    bool no_backups = false, no_verify = false, check_enough = false;
};

Options parse(int argc, char** argv) {
    Options options;
    cli::CommandLine app("Writers and backups at the same time.", "mox_load");
    app.add_option("DIR", options.directory, "Working folder; must not exist, removed unless something is wrong.")
        .required();
    app.add_option("--seconds", options.seconds, "How long.");
    app.add_option("--writers", options.writers, "Processes that write.").range(1, 100);
    app.add_option("--accounts", options.accounts, "That they share.").range(1, most_accounts);
    app.add_option("--messages", options.messages, "About so many in each.");
    app.add_option("--series", options.series, "Options that make DEST a series: \"--keep-last 3\".");
    app.add_flag("--no-backups", options.no_backups, "Writers only.");
    app.add_flag("--no-verify", options.no_verify, "Do not look at the snapshots.");
    app.add_flag("--check-enough", options.check_enough, "Fail unless everything happened that can.");
    if (const auto error = app.parse({argv + 1, argv + argc})) {
        std::cerr << "mox_load: " << error->what() << "\n";
        std::exit(2);
    }
    return options;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

// The accounts, and the states in which they start.
void prepare(const Options& options, const datadir::Layout& layout, Journal& journal, Shared& shared) {
    for (int number = 0; number < options.accounts; ++number) {
        auto account = store::Account::create(layout, account_name(number));
        store::BulkInsert bulk(account, "load");
        store::MessageWriter writer;
        for (std::int64_t i = 0; i < options.messages; ++i) {
            const auto id = bulk.take_id();
            writer.begin(account.message_file(id), {}, account.ownership());
            writer.write(as_bytes(
                fmt::format("Message-ID: <{}@begin>\r\nSubject: {}\r\n\r\nThere from the beginning.\r\n", i, i)));
            bulk.add({.id = id,
                      .file = writer.finish(store::MessageWriter::Sync::later),
                      .received = {.seconds = 1'700'000'000 + i}});
        }
        if (options.messages > 0) (void)bulk.commit({{"Inbox"}});
        const State state = state_of(account.database());
        journal.add({.account = number, .state = state, .operation = "begin"});
        shared.note_commit(number, state.modseq);
        account.close();
    }
}

Shared& make_shared() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    return *new (memory) Shared;
}

// Ends with this process, however that ends.
pid_t start_writer(const WriterOptions& options, Shared& shared) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot fork");
    if (child > 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    try {
        Writer(options, shared).run();
        ::_exit(0);
    } catch (const std::exception& error) {
        fmt::print(stderr, "writer {}: {}\n", options.number, error.what());
        ::_exit(1);
    }
}

class Load {
public:
    explicit Load(Options options)
        : options_(std::move(options)),
          shared_(make_shared()),
          backups_({.data_dir = data(),
                    .place = options_.directory / "snapshots",
                    .accounts = options_.accounts,
                    .series = words_of(options_.series),
                    .at_least = options_.check_enough ? 4 : 1,
                    .verify = !options_.no_verify,
                    .start = start_},
                   shared_) {}

    bool run() {
        make_directory(options_.directory);
        make_directory(options_.directory / "snapshots");
        prepare(options_, datadir::create(data()), journal_, shared_);
        std::vector<pid_t> writers;
        for (int number = 1; number <= options_.writers; ++number)
            writers.push_back(start_writer({.data_dir = data(),
                                            .journal = journal_file(number),
                                            .number = number,
                                            .accounts = options_.accounts,
                                            .messages = options_.messages,
                                            .start = start_},
                                           shared_));
        const auto deadline = std::chrono::steady_clock::now() +
                              std::chrono::microseconds(static_cast<std::int64_t>(options_.seconds * 1e6));
        if (!options_.no_backups) backups_.run(deadline);
        std::this_thread::sleep_until(backups_.failures().empty() ? deadline : std::chrono::steady_clock::now());
        shared_.stop = true;
        for (const pid_t writer : writers) {
            int status = 0;
            ::waitpid(writer, &status, 0);
            require(status == 0, "a writer failed");
        }
        judge();
        print();
        if (ok_) fs::remove_all(options_.directory);
        return ok_;
    }

private:
    [[nodiscard]] fs::path data() const { return options_.directory / "data"; }
    [[nodiscard]] fs::path journal_file(int writer) const {
        return options_.directory / fmt::format("journal-{}", writer);
    }
    void require(bool condition, const std::string& what) {
        if (condition) return;
        fmt::print(stderr, "{}\n", what);
        ok_ = false;
    }

    void judge() {
        for (int number = 1; number <= options_.writers; ++number) journal_.read(journal_file(number));
        for (const auto& what : journal_.contradictions()) require(false, what);
        for (const auto& what : backups_.failures()) require(false, what);
        for (const auto& sighting : backups_.sightings()) {
            const auto what = objection(journal_, sighting);
            if (what.empty()) continue;
            require(false, fmt::format("{}\n  made from {} us to {} us; commits of that account then:", what,
                                       sighting.started_us, sighting.finished_us));
            for (const auto& line :
                 journal_.around(sighting.account, sighting.started_us - 20'000, sighting.finished_us + 20'000))
                fmt::print(stderr, "  {}\n", line);
        }
        for (int number = 0; number < options_.accounts; ++number) {
            auto account = store::Account::open(datadir::open(data()), account_name(number));
            const Sighting end{.snapshot = "the live directory at the end",
                               .account = number,
                               .state = state_of(account.database()),
                               .committed_before = shared_.committed.at(static_cast<std::size_t>(number))};
            const auto what = objection(journal_, end);
            require(what.empty(), what);
        }
        if (!options_.check_enough) return;
        require(!journal_.delivery_times_us().empty(), "nothing was delivered");
        require(shared_.flag_changes > 0, "no flag was changed");
        require(shared_.moves > 0 && shared_.copies > 0, "nothing was moved or copied");
        require(shared_.expunged > 0, "nothing was expunged");
        require(shared_.erased > 0, "nothing was erased");
        require(backups_.count() > 1, "there were no backups back to back");
        require(!backups_.sightings().empty(), "no snapshot was looked at");
    }

    void print() const {
        const auto times = journal_.delivery_times_us();
        const auto quantile_ms = [&](double part) {
            if (times.empty()) return 0.0;
            return static_cast<double>(times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]) /
                   1000;
        };
        fmt::print(
            "{{\"ok\": {}, \"deliveries\": {}, \"flag_changes\": {}, \"moved\": {}, \"copied\": {}, \"expunged\": {},"
            " \"erased\": {}, \"snapshots\": {}, \"states\": {}, \"live_verifications\": {}, \"median_ms\": {:.3f}, "
            "\"p99_ms\": {:.3f},"
            " \"max_ms\": {:.3f}}}\n",
            ok_, times.size(), shared_.flag_changes.load(), shared_.moves.load(), shared_.copies.load(),
            shared_.expunged.load(), shared_.erased.load(), backups_.count(), backups_.sightings().size(),
            backups_.live_verifications(), quantile_ms(0.5), quantile_ms(0.99), quantile_ms(1));
    }

    const Options options_;
    const SteadyTime start_ = std::chrono::steady_clock::now();
    Shared& shared_;
    Journal journal_;
    Backups backups_;
    bool ok_ = true;
};

}  // namespace

int main(int argc, char** argv) try {
    return Load(parse(argc, argv)).run() ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "mox_load: {}\n", error.what());
    return 1;
}
