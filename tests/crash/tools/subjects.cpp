#include "subjects.hpp"

#include <unistd.h>

#include <stdexcept>

#include "base/file.hpp"
#include "support/healthy_directory.hpp"
#include "support/pack.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

std::string message_text(std::size_t number) {
    const std::string n = std::to_string(number);
    return "From: Ida <ida@harbour.example>\nTo: jon@mill.example\nSubject: ferry " + n +
           "\nDate: Tue, 14 Nov 2023 22:13:20 +0000\nMessage-ID: <ferry-" + n + "@harbour.example>\n" +
           (number % 3 == 2 ? "References: <ferry-" + std::to_string(number - 1) + "@harbour.example>\n" : "") +
           "\nThe boat leaves at " + n + ".\n" + std::string(number * 37 % 4000, 'x') + "\n";
}

// What all test cases share, made when first needed.
struct Shared {
    TemporaryDirectory place{working_place(), "moxcrash-"};
    fs::path mbox = place.path() / "small.mbox", maildir = place.path() / "small.maildir", one = place.path() / "one";
    fs::path tree = place.path() / "Maildir", archive = place.path() / "small.tgz";
    fs::path quiet = place.path() / "quiet", crashed = place.path() / "crashed";

    Shared() {
        write_mbox(mbox, 5);
        write_mbox(one, 1);
        write_maildir();
        write_tree();
        const HealthyDirectory healthy;
        fs::copy(healthy.layout().root(), quiet, fs::copy_options::recursive);
        // What runs are killed on shall not differ in the one file that a first import makes.
        if (const auto run = run_tool(import_command(datadir::Layout(quiet), "mbox", "Inbox", one)); run.exit_code != 0)
            throw std::runtime_error("cannot prepare: " + describe(run, {}));
        fs::copy(quiet, crashed, fs::copy_options::recursive);
        const auto killed = run_with_fault(import_command(datadir::Layout(crashed), "mbox", "Inbox", mbox),
                                           {.directories = {crashed}, .fault = Fault{.at = 1, .kind = "syncfs"}});
        if (killed.signal == 0) throw std::runtime_error("not killed: " + describe(killed, {}));
    }

    void write_maildir() const {
        for (const char* folder : {"cur", "new", "tmp"}) fs::create_directories(maildir / folder);
        const char* names[] = {"cur/1700000001.a:2,S", "cur/1700000002.b:2,Fab", "cur/1700000003.c:2,RS",
                               "new/1700000004.d", "cur/1700000005.e:2,"};
        for (std::size_t i = 0; i < std::size(names); ++i) write_text(maildir / names[i], message_text(100 + i));
        write_text(maildir / "dovecot-keywords", "0 harvest\n1 to-do\n");
    }
    void write_tree() const {
        fs::copy(maildir, tree, fs::copy_options::recursive);
        fs::create_directories(tree / ".Lists.Ferry/cur");
        write_text(tree / ".Lists.Ferry/cur/1700000006.f:2,", message_text(200));
        write_text(tree / ".Lists.Ferry/dovecot-uidlist", "3 V1 N9\n7 :1700000007.g\n8 :1700000006.f\n");
        write_text(tree / ".Lists.Ferry/cur/1700000007.g:2,S", message_text(201));
        fs::copy(mbox, tree / "Old.mbox");
        pack(archive, members_below(tree, "Maildir/"));
    }
    static void write_text(const fs::path& file, const std::string& text) {
        const UniqueFd fd = create_file(file, {});
        write_all(fd.get(), text, file);
    }
};

const Shared& shared() {
    static const Shared made;
    return made;
}

}  // namespace

fs::path working_place() {
    const fs::path memory = "/dev/shm";
    return ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

datadir::Layout make_data_directory(const fs::path& target, Past past) {
    fs::copy(past == Past::quiet ? shared().quiet : shared().crashed, target, fs::copy_options::recursive);
    return datadir::Layout(target);
}

fs::path small_mbox() {
    return shared().mbox;
}
fs::path small_maildir() {
    return shared().maildir;
}
fs::path small_tree() {
    return shared().tree;
}
fs::path small_archive() {
    return shared().archive;
}

void write_mbox(const fs::path& file, std::size_t count) {
    const UniqueFd fd = create_file(file, {});
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "From ida@harbour.example Tue Nov 14 22:13:20 2023\nStatus: RO\nX-Keywords: ferry" +
                std::to_string(i % 7) + "\n" + message_text(i + 1) + "\n";
        if (text.size() < 1'000'000 && i + 1 < count) continue;
        write_all(fd.get(), text, file);
        text.clear();
    }
}

Command import_command(const datadir::Layout& data, const std::string& form, const std::string& mailbox,
                       const fs::path& source) {
    Command command{MOX_BIN "/mox-import", "--data-dir", data.root(), form, "alice"};
    if (!mailbox.empty()) command.push_back(mailbox);
    command.push_back(source);
    return command;
}

RunResult run_tool(const Command& command) {
    return run_with_fault(command, {});
}

std::string verification_trouble(const fs::path& directory) {
    const auto run = run_tool({MOX_BIN "/mox-verifydata", "--read-data", "--quiet", directory});
    return run.exit_code == 0 && run.out.empty() && run.err.empty() ? "" : describe(run, {});
}

std::string next_import_trouble(const datadir::Layout& data) {
    const auto run = run_tool(import_command(data, "mbox", after_mailbox, shared().one));
    return run.exit_code == 0 ? "" : describe(run, {});
}

}  // namespace mox::test
