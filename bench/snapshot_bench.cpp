// make DIR COUNT: a data directory DIR with one account of COUNT small messages.
// take DIR DEST [link]: a snapshot of it, as mox-backup makes it; prints the seconds it took.

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "datadir/layout.hpp"
#include "snapshot/take.hpp"
#include "store/account.hpp"
#include "store/bulk.hpp"
#include "store/message_file.hpp"

using namespace mox;

namespace {

std::string text_of(std::int64_t number) {
    std::string text = fmt::format(
        "From: Somebody <sender{}@example.org>\r\nTo: <alice@example.net>\r\nSubject: message {}\r\n"
        "Message-ID: <{}@example.org>\r\nDate: Mon, 23 Nov 2026 03:00:00 +0000\r\n\r\n",
        number % 200, number, number);
    for (std::int64_t line = 0; line < 40 + number % 60; ++line)
        text += fmt::format("Line {} of message {}, as long as lines often are.\r\n", line, number);
    return text;
}

void make(const std::filesystem::path& dir, std::int64_t count) {
    const auto layout = datadir::create(dir);
    auto account = store::Account::create(layout, "alice");
    store::BulkInsert bulk(account, "bench");
    store::MessageWriter writer;
    for (std::int64_t i = 1; i <= count; ++i) {
        const auto id = bulk.take_id();
        writer.begin(account.message_file(id), {}, account.ownership());
        const std::string text = text_of(i);
        writer.write(std::as_bytes(std::span(text)));
        bulk.add({.id = id,
                  .file = writer.finish(store::MessageWriter::Sync::later),
                  .received = {.seconds = 1'700'000'000 + i}});
    }
    (void)bulk.commit({{"Archive"}});
    account.close();
}

void take(const std::filesystem::path& dir, const std::filesystem::path& dest, bool link) {
    const auto start = std::chrono::steady_clock::now();
    snapshot::Observer observer;
    const auto manifest =
        snapshot::take({.data_dir = dir, .messages = {.allow_link = link}, .jobs = default_jobs()}, dest, observer);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    fmt::print("{:.3f}\n", elapsed.count());
    if (!manifest.complete()) throw Error(Errc::failed, "the snapshot has problems");
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "make" && argc == 4) return make(argv[2], std::atoll(argv[3])), 0;
    if (what == "take" && argc >= 4) return take(argv[2], argv[3], argc > 4), 0;
    fmt::print(stderr, "usage: snapshot_bench make DIR COUNT | take DIR DEST [link]\n");
    return 2;
} catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
}
