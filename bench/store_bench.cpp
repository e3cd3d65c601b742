// Measures operations of the account layer on one mailbox: store_bench DIRECTORY OPERATION [MESSAGES]
// Prints the time in milliseconds. Operations: copy, store, select (all on every message), commit (the last, locked
// part of a bulk insert), and prepare (makes DIRECTORY with the mailbox; the others need it).

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "store/bulk.hpp"
#include "store/changes.hpp"
#include "store/mailbox.hpp"

namespace {

using namespace mox;

double milliseconds(const std::function<void()>& work) {
    const auto started = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
}

// Rows as imported mail has them; the files are empty, as only the database is measured.
void insert(store::Account& account, std::int64_t messages, const std::string& mailbox, double* commit_ms) {
    store::BulkInsert bulk(account, "bench");
    store::MessageWriter writer;
    for (std::int64_t i = 0; i < messages; ++i) {
        const auto id = bulk.take_id();
        writer.begin(account.message_file(id), {}, account.ownership());
        writer.write(
            as_bytes("From: Somebody With A Name <somebody@example.org>\r\nTo: bench@example.net\r\nSubject: Re: "
                     "subject number " +
                     std::to_string(i % 1000) + "\r\nMessage-ID: <bench-" + std::to_string(i) +
                     "@example.org>\r\nReferences: <bench-" + std::to_string(i - i % 10) +
                     "@example.org>\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\n"));
        bulk.add({.id = id,
                  .file = writer.finish(store::MessageWriter::Sync::later),
                  .received = {.seconds = 1'700'000'000 + i},
                  .flags = i % 3 == 0 ? model::Flags(model::Flag::seen) : model::Flags(),
                  .keywords = i % 20 == 0 ? model::Keywords{"work"} : model::Keywords{}});
    }
    const double elapsed = milliseconds([&] { (void)bulk.commit({{mailbox}}); });
    if (commit_ms != nullptr) *commit_ms = elapsed;
}

double measure(const std::string& operation, const std::filesystem::path& directory, std::int64_t messages) {
    if (operation == "prepare") {
        const auto layout = datadir::create(directory);
        auto account = store::Account::create(layout, "bench");
        return milliseconds([&] { insert(account, messages, "Inbox", nullptr); });
    }
    auto account = store::Account::open(datadir::open(directory), "bench");
    const auto inbox = store::find_mailbox(account.database(), "Inbox").value();
    const auto archive = store::find_mailbox(account.database(), "Archive").value();
    if (operation == "copy")
        return milliseconds([&] {
            store::Transaction tx(account);
            (void)store::copy_messages(tx, inbox.id, {store::all_uids}, archive.id);
            tx.commit();
        });
    if (operation == "store")
        return milliseconds([&] {
            store::Transaction tx(account);
            (void)store::change_flags(tx, inbox.id, {store::all_uids}, {.flags = model::Flag::flagged});
            tx.commit();
        });
    if (operation == "select")
        return milliseconds([&] {
            std::int64_t seen = 0;
            for (const auto& [uid, flags, modseq] : account.database().rows<std::uint32_t, std::uint32_t, std::int64_t>(
                     "SELECT uid, flags, modseq FROM placement WHERE mailbox_id = ?", inbox.id))
                seen += static_cast<std::int64_t>(flags & 1U);
            if (seen == 0) std::abort();
        });
    if (operation == "commit") {
        double commit_ms = 0;
        insert(account, messages, "Bulk", &commit_ms);
        return commit_ms;
    }
    throw Error(Errc::usage, "unknown operation");
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::fputs("usage: store_bench DIRECTORY prepare|copy|store|select|commit [MESSAGES]\n", stderr);
        return 2;
    }
    std::printf("%.2f\n", measure(argv[2], argv[1], argc > 3 ? std::atoll(argv[3]) : 50'000));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "store_bench: %s\n", error.what());
    return 1;
}
