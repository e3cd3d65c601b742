#include <signal.h>

#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "subjects.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

// Under sanitizers only some of the sampled boundaries: four forms meet the same code.
constexpr std::size_t rarely(std::size_t n) {
    return sample == 1 ? 1 : every(n);
}

struct Form {
    std::string format, destination;  // below the directory of the run
    bool is_one_mailbox = false;
};

Command export_command(const fs::path& dir, const Form& form) {
    Command command{MOX_BIN "/mox-export", "--data-dir", dir / "data", form.format, "alice"};
    if (form.is_one_mailbox) command.emplace_back("Inbox");
    command.emplace_back(dir / "out" / form.destination);
    return command;
}

fs::path destination(const fs::path& dir, const Form& form) {
    return dir / "out" / form.destination;
}

// The names of an archive's members hold no times of the export, so all complete exports are alike.
Tree contents_of(const fs::path& path) {
    if (directory_exists(path)) return tree_of(path);
    return {{"", read_file(path)}};
}

// Nothing is there; or the whole export and nothing else; or, only with `killed`, an unfinished one under its name.
bool is_complete(const fs::path& dir, const Form& form, const Tree& whole, bool killed) {
    std::vector<std::string> names;
    for (const auto& entry : list_directory(dir / "out")) names.push_back(entry.name);
    if (names.empty()) return false;
    REQUIRE(names.size() == 1);
    if (killed && names[0] == form.destination + ".mox-partial") return false;
    REQUIRE(names[0] == form.destination);
    CHECK((contents_of(destination(dir, form)) == whole));
    return true;
}

class ExportTrial {
public:
    explicit ExportTrial(Form form) : form_(std::move(form)) {
        const TemporaryDirectory place(working_place(), "moxcrash-");
        const auto command = prepare(place.path());
        data_tree_ = tree_of(place.path() / "data");
        const auto run = run_tool(command);
        INFO(describe(run, {}));
        REQUIRE(run.exit_code == 0);
        whole_ = contents_of(destination(place.path(), form_));
        REQUIRE_FALSE(whole_.empty());
    }
    [[nodiscard]] Command prepare(const fs::path& dir) const {
        (void)make_data_directory(dir / "data", Past::quiet);
        make_directory(dir / "out");
        return export_command(dir, form_);
    }
    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {.prepare = [this](const fs::path& dir) { return prepare(dir); },
                .check = std::move(check),
                .parent = working_place()};
    }
    // Whether the export is complete; the data directory is as it was in any case.
    [[nodiscard]] bool check(const fs::path& dir, bool killed = false) const {
        CHECK((tree_of(dir / "data") == data_tree_));
        return is_complete(dir, form_, whole_, killed);
    }
    void check_next(const fs::path& dir) const {
        const auto again = run_tool(export_command(dir, form_));
        INFO(describe(again, {}));
        CHECK(again.exit_code == 0);
        CHECK(check(dir));
    }

private:
    const Form form_;
    Tree data_tree_, whole_;
};

Form any_form() {
    return GENERATE(Form{"maildir", "mail"}, Form{"mbox", "tree"}, Form{"mbox", "inbox.mbox", true},
                    Form{"archive", "mail.tar"});
}

}  // namespace

TEST_CASE("an export killed at any boundary is complete, or is replaced by the next one", "[crash][export]") {
    const ExportTrial trial(any_form());
    std::size_t complete = 0, others = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        if (trial.check(dir, at.number != 0)) {
            ++complete;
        } else {
            ++others;
            trial.check_next(dir);
        }
    };
    (void)for_every_boundary(trial.experiment(check), {.action = FaultAction::kill, .every = rarely(2)});
    CHECK(complete > 0);
    CHECK(others > 0);
}

TEST_CASE("an export of which calls fail says so and leaves nothing", "[crash][export]") {
    const FaultAction action = GENERATE(FaultAction::io_error, FaultAction::no_space);
    const ExportTrial trial(any_form());
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        CHECK(run.signal == 0);
        CHECK(trial.check(dir) == (run.exit_code == 0));
        if (run.exit_code == 0) return;
        ++failed;
        CHECK(run.exit_code == 1);
        CHECK(run.err.find("error: ") != std::string::npos);
        trial.check_next(dir);
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = rarely(3)});
    CHECK(failed > 0);
}

TEST_CASE("an export that is asked to stop leaves nothing", "[crash][export]") {
    const ExportTrial trial(any_form());
    std::size_t stopped = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        CHECK((run.exit_code == 0 || run.exit_code == 128 + SIGTERM));
        CHECK(trial.check(dir) == (run.exit_code == 0));
        if (run.exit_code != 0) ++stopped;
    };
    (void)for_every_boundary(trial.experiment(check),
                             {.action = FaultAction::terminate, .every = sample == 1 ? 3 : 27});
    CHECK(stopped > 0);
}

TEST_CASE("an export syncs everything before it gets its name, and then that", "[crash][export]") {
    const ExportTrial trial(any_form());
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto calls = count_calls(trial.prepare(dir.path()), {.directories = {dir.path()}});
    bool synced = false, named = false, name_synced = false;
    for (const auto& call : calls) {
        if (!call.path.starts_with("out")) continue;
        INFO(call.number << ' ' << call.kind << ' ' << call.path);
        if (call.kind == "rename") {
            CHECK(synced);
            named = true;
        } else if (named) {
            CHECK(call.kind == "fsync");
            CHECK(call.path == "out");
            name_synced = true;
        } else {
            CHECK_FALSE(synced);
            synced = call.kind == "syncfs" || call.kind == "fsync";
        }
    }
    CHECK(name_synced);
}
