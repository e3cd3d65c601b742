#include "server/imap/commands.hpp"
#include "server/imap/searching.hpp"
#include "server/imap/thread_run.hpp"

namespace mox::imap {

// RFC 5256 section 3.
void cmd_thread(Session& session, Parser& parser) {
    parser.space();
    const ThreadRequest request = parse_thread(parser);
    const auto searching = std::make_shared<Searching>(session, request.key);
    const auto threads = std::make_shared<ThreadRun>(request.threading, session.selected(), searching->run.matches());
    search_and_go_on(session, searching, [&session, threads](store::Account& account, const auto& matches) {
        if (threads->step(account)) return Progress::more;
        std::string answer = "THREAD";
        if (!matches.empty()) answer += ' ';
        threads->write(answer, session.by_uid());
        session.untagged(answer);
        session.ok();
        return Progress::done;
    });
}

}  // namespace mox::imap
