#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/statement.hpp"
#include "mime/message_view.hpp"
#include "server/imap/fetch_items.hpp"
#include "server/imap/pieces.hpp"
#include "server/imap/sections.hpp"
#include "server/imap/selected.hpp"
#include "server/imap/sequence_set.hpp"
#include "server/imap/writer.hpp"
#include "store/account.hpp"

namespace mox::imap {

// Writes the FETCH answers for some messages, bit by bit. Flags come from the rows of placements, dates, sizes and
// structures from those of messages; files are opened for contents only.
class FetchRun {
public:
    struct Options {
        Texts texts = Texts::ascii;
        bool with_modseq = false;                   // with every answer that has flags
        std::optional<std::int64_t> changed_since;  // RFC 7162 section 3.1.4
    };
    // The view must stay as it is until all is written.
    FetchRun(const Selected& view, IndexRanges positions, std::vector<FetchItem> items, const Options& options);

    // True when answers with these items make messages \Seen.
    [[nodiscard]] bool sets_seen() const;
    // Does so with those that are not; answers tell their flags. The change, if there was one.
    std::optional<store::ModSeq> mark_seen(store::Account& account);

    // Appends until `out` holds about `enough` bytes; false when all is written. Throws Error when a file cannot be
    // read after its size was told: nothing can be said to the client then.
    bool step(store::Account& account, std::string& out, std::size_t enough);
    // That is so.
    [[nodiscard]] bool is_within_contents() const { return !pieces_.empty(); }

    // What could not be told.
    [[nodiscard]] bool some_gone() const { return some_gone_; }  // expunged by others
    [[nodiscard]] bool some_not_decodable() const { return some_not_decodable_; }
    [[nodiscard]] bool some_unknown_encoding() const { return some_unknown_encoding_; }
    // Of files that are missing or damaged; empty: none.
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    // What is asked of the database.
    enum class Need { placement, message, structure };
    struct Row;

    bool run_range(store::Account& account, std::string& out, std::size_t enough);
    void write_row(const Row& row, std::string& out);
    void write_gone(store::Account& account, std::string& out);
    void write_item(const Row& row, const FetchItem& item, const std::string& name);
    void write_flags(const Row& row, bool flags, bool modseq);
    void write_contents(const Row& row, const FetchItem& item, const std::string& name);
    [[nodiscard]] std::string fields_of(const Row& row, const FetchItem& item, const Place& header);
    void write_binary(const Row& row, const FetchItem& item, const std::string& name);
    [[nodiscard]] Pieces::Contents contents_of(const Row& row);
    // False when there is none to be had.
    [[nodiscard]] bool look_at_structure(const Row& row);
    [[nodiscard]] bool is_newly_seen(std::uint32_t uid);

    const Selected& view_;
    const IndexRanges positions_;
    const std::vector<FetchItem> items_;
    const Options options_;
    std::vector<std::string> names_;  // of items_
    Need need_ = Need::placement;
    bool flags_ = false, modseq_ = false, save_date_ = false;  // asked for

    std::size_t range_ = 0, at_ = 0;  // the next message
    NumberRanges newly_seen_;
    std::size_t newly_seen_at_ = 0;
    std::string line_;
    Pieces pieces_;  // of the present answer, once a file is in it
    mime::MessageView structure_;
    std::string scanned_;         // a structure that was not stored
    bool has_structure_ = false;  // structure_ is of the present message
    Pieces::Contents contents_;   // of the present message
    bool some_gone_ = false, some_not_decodable_ = false, some_unknown_encoding_ = false;
    std::string failure_;
    // Of the account, once it is needed.
    std::optional<store::MessageFolder> folder_;
};

}  // namespace mox::imap
