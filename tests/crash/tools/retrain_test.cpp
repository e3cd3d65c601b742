#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "base/file.hpp"
#include "junk/filter_db.hpp"
#include "store/changes.hpp"
#include "store/mailbox.hpp"
#include "store/training.hpp"
#include "subjects.hpp"
#include "support/promises.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

using Words = std::map<junk::WordKey, junk::Counts>;

// All that a filter says; empty when there is none or it is new.
Words words_of(const datadir::Layout& data) {
    Words words;
    if (!status_of(data.junk_filter_db("alice"))) return words;
    junk::FilterDb filter(data.junk_filter_db("alice"), {.access = db::Access::read_only});
    if (filter.totals() != junk::Counts{}) words[junk::word_key("(messages)")] = filter.totals();
    filter.for_each_word([&](junk::WordKey word, const junk::Counts& counts) { words.emplace(word, counts); });
    return words;
}

void set_flags(const datadir::Layout& data, std::string_view mailbox, model::Flags flags) {
    auto account = store::Account::open(data, "alice");
    store::Transaction tx(account);
    (void)store::change_flags(tx, store::find_mailbox(tx.database(), mailbox).value().id, {store::all_uids},
                              {.mode = store::FlagChange::Mode::replace, .flags = flags});
    tx.commit();
}

Command retrain_command(const datadir::Layout& data) {
    return {MOX_BIN "/mox-retrain", "--data-dir", data.root(), "--jobs", "2", "alice"};
}

// What a run finds: an account that never trained, or a filter that is to be made anew, with changes that it has not
// learnt yet.
enum class Filter { none, older };

class RetrainTrial {
public:
    explicit RetrainTrial(Filter filter) : filter_(filter) {
        const TemporaryDirectory dir(working_place(), "moxcrash-");
        const auto data = prepare(dir.path() / "data");
        before_ = words_of(data);
        mail_before_ = state_of(data, "alice");
        const auto run = run_tool(retrain_command(data));
        INFO(describe(run, {}));
        REQUIRE(run.exit_code == 0);
        after_ = words_of(data);
        REQUIRE(after_ != before_);
    }
    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {.prepare = [this](const fs::path& dir) { return retrain_command(prepare(dir / "data")); },
                .check = std::move(check),
                .parent = working_place()};
    }
    // Every promise holds, the filter is the old one or the new one, mail is as it was. Returns whether it is the new
    // one.
    bool check_state(const datadir::Layout& data) const {
        CHECK(broken_promises(data) == std::vector<std::string>{});
        CHECK(state_of(data, "alice").has_same_mail(mail_before_));
        const Words words = words_of(data);
        CHECK((words == before_ || words == after_));
        return words == after_;
    }
    // Run once more, undisturbed.
    void check_recovery(const datadir::Layout& data) const {
        const auto next = run_tool(retrain_command(data));
        INFO("next run: " << describe(next, {}));
        CHECK(next.exit_code == 0);
        CHECK(words_of(data) == after_);
        CHECK(temporary_files(data).empty());
        CHECK(broken_promises(data) == std::vector<std::string>{});
    }

private:
    [[nodiscard]] datadir::Layout prepare(const fs::path& target) const {
        const auto data = make_data_directory(target, Past::quiet);
        set_flags(data, "Inbox", model::Flag::not_junk);
        set_flags(data, "Trash", model::Flag::junk);
        if (filter_ == Filter::none) return data;
        REQUIRE(run_tool(retrain_command(data)).exit_code == 0);
        set_flags(data, "Inbox", model::Flag::junk);
        set_flags(data, "Sent", model::Flag::not_junk);
        return data;
    }

    Filter filter_;
    Words before_, after_;
    AccountState mail_before_;
};

}  // namespace

TEST_CASE("a retrain killed at every boundary leaves the old filter or the new one", "[crash][retrain]") {
    const auto filter = GENERATE(Filter::none, Filter::older);
    const auto action = GENERATE(FaultAction::kill, FaultAction::kill_after);
    const RetrainTrial trial(filter);
    std::size_t old_ones = 0, new_ones = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        const bool is_new = trial.check_state(data);
        ++(is_new ? new_ones : old_ones);
        if (at.number == 0) CHECK(is_new);
        trial.check_recovery(data);
    };
    const Phases phases = for_every_boundary(trial.experiment(check), {.action = action, .every = every(1)});
    CHECK(old_ones > 0);
    CHECK(new_ones > 0);
    if (sample == 1) CHECK(met(phases, "write", "junkfilter.db-wal") > 0);
}

TEST_CASE("a retrain of which one call fails leaves the old filter or the new one, and says so", "[crash][retrain]") {
    const auto action = GENERATE(FaultAction::io_error, FaultAction::no_space, FaultAction::terminate);
    const RetrainTrial trial(Filter::older);
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        CHECK(run.signal == 0);
        const bool is_new = trial.check_state(data);
        if (run.exit_code == 0) CHECK(is_new);
        if (run.exit_code != 0) ++failed;
        trial.check_recovery(data);
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = every(1)});
    CHECK(failed > 0);
}

TEST_CASE("programs that train one account at the same time count everything once", "[crash][retrain]") {
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto data = make_data_directory(dir.path() / "data", Past::quiet);
    set_flags(data, "Inbox", model::Flag::not_junk);
    REQUIRE(run_tool(retrain_command(data)).exit_code == 0);

    std::atomic<bool> stop = false;
    std::atomic<int> done = 0, refused = 0, other = 0;
    std::vector<std::thread> programs;
    for (int i = 0; i < 2; ++i) {
        programs.emplace_back([&] {
            while (!stop) {
                const int code = run_tool(retrain_command(data)).exit_code;
                ++(code == 0 ? done : code == 11 ? refused : other);
            }
        });
    }
    // Meanwhile flags change, and this process learns from them whenever it can.
    {
        auto account = store::Account::open(data, "alice");
        junk::FilterDb filter(data.junk_filter_db("alice"), {.access = db::Access::read_write});
        const auto inbox = store::find_mailbox(account.database(), "Inbox").value().id;
        for (int i = 0; i < 60 || done < 4; ++i) {
            store::Transaction tx(account);
            (void)store::change_flags(tx, inbox, {store::all_uids},
                                      {.mode = store::FlagChange::Mode::replace,
                                       .flags = i % 2 == 0 ? model::Flag::junk : model::Flag::not_junk});
            tx.commit();
            CHECK(store::apply_training(account, filter).damaged == 0);
        }
    }
    stop = true;
    for (auto& program : programs) program.join();
    CHECK(other == 0);
    CHECK(done >= 4);
    CHECK(broken_promises(data) == std::vector<std::string>{});
    {
        auto account = store::Account::open(data, "alice");
        junk::FilterDb filter(data.junk_filter_db("alice"), {.access = db::Access::read_write});
        (void)store::apply_training(account, filter);
    }
    const Words learnt = words_of(data);
    REQUIRE(run_tool(retrain_command(data)).exit_code == 0);
    CHECK(words_of(data) == learnt);
}
