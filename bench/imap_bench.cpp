// Measures what IMAP answers from one mailbox of an account, without sessions and sockets:
//   imap_bench DATA-DIRECTORY ACCOUNT MAILBOX OPERATION...
// Prints milliseconds and bytes of each operation: "fetch ITEMS", "single ITEMS" (2,000 messages, each by a command of
// its own), "search KEYS", "sort CRITERIA", "thread". store_bench and mox-import make directories.

#include <chrono>
#include <cstdio>
#include <string>

#include "base/error.hpp"
#include "server/imap/fetch_run.hpp"
#include "server/imap/search_request.hpp"
#include "server/imap/search_run.hpp"
#include "server/imap/select.hpp"
#include "server/imap/sort_run.hpp"
#include "server/imap/thread_run.hpp"
#include "store/mailbox.hpp"

namespace {

using namespace mox;

constexpr std::size_t enough = 65'536;

std::size_t fetched(store::Account& account, const imap::Selected& view, imap::IndexRanges positions,
                    const std::vector<imap::FetchItem>& items) {
    imap::FetchRun run(view, std::move(positions), items, {});
    std::size_t total = 0;
    for (bool more = true; more;) {
        std::string out;
        more = run.step(account, out, enough);
        total += out.size();
    }
    return total;
}

std::vector<imap::FetchItem> items_of(std::string_view text) {
    imap::Parser parser(text);
    return imap::parse_fetch_items(parser);
}

std::vector<imap::SearchRun::Match> searched(store::Account& account, const imap::Selected& view,
                                             std::string_view text) {
    imap::Parser parser(text);
    const auto key = imap::parse_search_keys(parser);
    const imap::SearchPlan plan(key, view, account.now().seconds);
    imap::SearchRun run(plan, view);
    while (run.step(account)) {
    }
    return run.matches();
}

std::size_t measured(store::Account& account, const imap::Selected& view, std::string_view operation) {
    const auto space = operation.find(' ');
    const auto name = operation.substr(0, space);
    const std::string argument(space == std::string_view::npos ? "" : operation.substr(space + 1));
    if (name == "fetch") return fetched(account, view, {{0, view.size()}}, items_of(argument));
    if (name == "single") {
        std::size_t total = 0;
        for (std::size_t i = 0; i < 2000; ++i) {
            const std::size_t at = i * 7919 % view.size();
            total += fetched(account, view, {{at, at + 1}}, items_of(argument));
        }
        return total;
    }
    if (name == "search") return searched(account, view, argument).size();
    const auto all = searched(account, view, "ALL");
    if (name == "sort") {
        const std::string text = argument + " UTF-8 ALL";
        imap::Parser parser(text);
        imap::SortRun run(imap::parse_sort(parser).criteria, view, all);
        while (run.step(account)) {
        }
        return run.sorted().size();
    }
    if (name == "thread") {
        imap::ThreadRun run(imap::Threading::references, view, all);
        while (run.step(account)) {
        }
        std::string out;
        run.write(out, true);
        return out.size();
    }
    throw Error(Errc::usage, "unknown operation");
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 5) {
        std::fputs("usage: imap_bench DATA-DIRECTORY ACCOUNT MAILBOX OPERATION...\n", stderr);
        return 2;
    }
    auto account = store::Account::open(datadir::open(argv[1]), argv[2]);
    const auto mailbox = store::find_mailbox(account.database(), argv[3]);
    if (!mailbox) throw Error(Errc::not_found, "no such mailbox");
    std::size_t first_unseen = 0;
    const auto view = imap::make_view(account.database(), *mailbox, first_unseen);
    for (int i = 4; i < argc; ++i) {
        const auto started = std::chrono::steady_clock::now();
        const std::size_t result = measured(account, *view, argv[i]);
        const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - started;
        std::printf("%8.1f ms  %10zu  %s\n", elapsed.count(), result, argv[i]);
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "imap_bench: %s\n", error.what());
    return 1;
}
