#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/pool.hpp"
#include "server/imap/mailbox_index.hpp"
#include "server/imap/page.hpp"
#include "server/imap/search_plan.hpp"
#include "store/account.hpp"

namespace mox::imap {

// Goes through a mailbox and collects what a plan matches, some messages at a time. The view answers what it can, then
// placements; rows of messages, structures and at last files are looked at only where nothing cheaper has decided.
// Files are read on several threads.
class SearchRun {
public:
    // Plan and view must stay as they are until the end.
    SearchRun(const SearchPlan& plan, const Selected& view);
    // Looks at some messages only.
    SearchRun(const SearchPlan& plan, const Selected& view, const IndexRanges& within);
    ~SearchRun();

    // Takes flags and keywords from there when nothing else is needed. Before the first step.
    void use(MailboxIndexes& indexes) { indexes_ = &indexes; }
    // Ends when a page is known, without what is beyond it: only matches from the beginning to it, or from it to the
    // end, are found. Before the first step.
    void stop_after(const Page& page);

    // False when all is done. Throws Error for what cannot be read from the database; messages whose files cannot be
    // read match nothing that needs them, and are noted in failure().
    bool step(store::Account& account);

    struct Match {
        std::uint32_t position = 0;
        std::int64_t modseq = 0;
    };
    // Ascending.
    [[nodiscard]] const std::vector<Match>& matches() const { return matches_; }
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    struct Candidate;
    struct Reader;

    void run_range_of_view(const IndexRange& range);
    bool run_range(store::Account& account);
    void run_range_of_index(const MailboxIndexes::Index& index, std::size_t end);
    [[nodiscard]] bool batch_is_full() const;
    [[nodiscard]] bool has_enough(store::Account& account);
    void look_into_files(store::Account& account);

    const SearchPlan& plan_;
    const Selected& view_;
    MailboxIndexes* indexes_ = nullptr;
    IndexRanges positions_;  // that may match, in the order in which they are looked at
    std::size_t enough_ = SIZE_MAX;
    bool backwards_ = false;          // in pieces, of which the last is the first
    std::size_t range_ = 0, at_ = 0;  // the next message
    std::vector<Match> matches_;
    std::vector<Candidate> batch_;  // messages that only their files can decide
    std::size_t batch_bytes_ = 0;
    mime::MessageView structure_;
    Pool<Reader> readers_;
    std::string failure_;
};

}  // namespace mox::imap
