#include "server/imap/search_run.hpp"

#include <algorithm>
#include <mutex>

#include "base/error.hpp"
#include "base/parallel.hpp"
#include "server/imap/scanned.hpp"

namespace mox::imap {

namespace {

constexpr std::size_t rows_at_once = 16'384;
// Messages whose files are read at once, and their size.
constexpr std::size_t max_batch = 256;
constexpr std::size_t max_batch_bytes = 16U << 20U;
constexpr unsigned max_threads = 4;
// Messages that are looked at before those in front of them, in a search from the end.
constexpr std::size_t backwards_at_once = max_batch;

constexpr std::string_view placement_sql =
    "SELECT p.uid, p.message_id, p.flags, p.keywords, p.modseq, p.save_date FROM placement p";
constexpr std::string_view message_sql =
    "SELECT p.uid, p.message_id, p.flags, p.keywords, p.modseq, p.save_date, m.size, m.received, m.received_offset,"
    " m.thread_id FROM placement p CROSS JOIN message m ON m.id = p.message_id";
constexpr std::string_view structure_sql =
    "SELECT p.uid, p.message_id, p.flags, p.keywords, p.modseq, p.save_date, m.size, m.received, m.received_offset,"
    " m.thread_id, m.prefix, m.structure FROM placement p CROSS JOIN message m ON m.id = p.message_id";
// What every match has. Most messages have no keyword at all, which is known at once.
constexpr std::string_view necessary_sql =
    " WHERE p.mailbox_id = ?1 AND p.uid BETWEEN ?2 AND ?3 AND (p.flags & ?4) = ?5 AND p.modseq >= ?6 AND ?7 = ''"
    " ORDER BY p.uid";
constexpr std::string_view necessary_with_keyword_sql =
    " WHERE p.mailbox_id = ?1 AND p.uid BETWEEN ?2 AND ?3 AND p.keywords <> '' AND instr(p.keywords, ?7) > 0"
    " AND (p.flags & ?4) = ?5 AND p.modseq >= ?6 ORDER BY p.uid";

std::string sql_of(Level level, const SearchPlan::Necessary& necessary) {
    std::string sql(level >= Level::structure ? structure_sql : level == Level::message ? message_sql : placement_sql);
    return sql.append(necessary.keyword.empty() ? necessary_sql : necessary_with_keyword_sql);
}

// A mailbox remembers every keyword that a message in it ever had.
bool may_have(db::Database& database, store::MailboxId mailbox, const std::string& keyword) {
    if (keyword.empty()) return true;
    const auto known = database.value<std::string>("SELECT keywords FROM mailbox WHERE id = ?", mailbox);
    return known && std::ranges::binary_search(model::split_keywords(*known), keyword);
}

}  // namespace

// What the row said, for when the statement is gone.
struct SearchRun::Candidate {
    Facts facts;
    std::string keywords, prefix, structure;
    std::vector<char> found;
    std::string failure;
};

// Of one thread.
struct SearchRun::Reader {
    explicit Reader(const std::vector<TextSearch::Wanted>& wanted) : texts(wanted) {}
    TextSearch texts;
    mime::MessageView structure;
};

SearchRun::SearchRun(const SearchPlan& plan, const Selected& view) : SearchRun(plan, view, {{0, view.size()}}) {}

SearchRun::SearchRun(const SearchPlan& plan, const Selected& view, const IndexRanges& within)
    : plan_(plan),
      view_(view),
      positions_(common(plan.necessary().positions, within)),
      readers_([this] { return std::make_unique<Reader>(plan_.texts()); }) {
    if (!positions_.empty()) at_ = positions_.front().begin;
}

SearchRun::~SearchRun() = default;

void SearchRun::stop_after(const Page& page) {
    enough_ = page.last;
    backwards_ = page.from_end;
    if (!backwards_ || positions_.empty()) return;
    IndexRanges backwards;
    for (auto range = positions_.rbegin(); range != positions_.rend(); ++range)
        for (std::size_t end = range->end; end > range->begin;) {
            const std::size_t begin = end - std::min(end - range->begin, backwards_at_once);
            backwards.push_back({begin, end});
            end = begin;
        }
    positions_ = std::move(backwards);
    at_ = positions_.front().begin;
}

bool SearchRun::step(store::Account& account) {
    if (plan_.level() == Level::view) {
        for (; range_ < positions_.size() && matches_.size() < enough_; ++range_) run_range_of_view(positions_[range_]);
        std::ranges::sort(matches_, {}, &Match::position);
        return false;
    }
    while (range_ < positions_.size()) {
        const bool complete = run_range(account);
        if ((complete || !backwards_) && has_enough(account)) break;
        if (!complete) return true;
        if (++range_ < positions_.size()) at_ = positions_[range_].begin;
    }
    look_into_files(account);
    std::ranges::sort(matches_, {}, &Match::position);
    return false;
}

// What no row needs to be asked for.
void SearchRun::run_range_of_view(const IndexRange& range) {
    for (auto at = range.begin; at < range.end; ++at)
        if (plan_.matches(Facts{.position = at, .message = view_.message(at)}).value_or(false))
            matches_.push_back({.position = static_cast<std::uint32_t>(at)});
}

// All of the present range.
void SearchRun::run_range_of_index(const MailboxIndexes::Index& index, std::size_t end) {
    const auto& necessary = plan_.necessary();
    auto row =
        static_cast<std::size_t>(std::ranges::lower_bound(index.uids, number(view_.uid(at_))) - index.uids.begin());
    for (; at_ < end; ++at_) {
        const auto uid = number(view_.uid(at_));
        while (row < index.uids.size() && index.uids[row] < uid) ++row;
        if (row == index.uids.size()) break;
        if (index.uids[row] != uid || (index.flags[row] & necessary.flags_mask) != necessary.flags_value) continue;
        if (plan_
                .matches(Facts{.level = Level::placement,
                               .position = at_,
                               .message = index.messages[row],
                               .flags = model::Flags::from_bits(index.flags[row]),
                               .keywords = index.keywords(row)})
                .value_or(false))
            matches_.push_back({.position = static_cast<std::uint32_t>(at_)});
    }
    at_ = end;
}

// True when nothing is left of the present range.
bool SearchRun::run_range(store::Account& account) {
    const auto end = positions_[range_].end;
    if (at_ == end) return true;
    const auto& necessary = plan_.necessary();
    if (!may_have(account.database(), view_.mailbox, necessary.keyword)) {
        at_ = end;
        return true;
    }
    if (indexes_ != nullptr && plan_.needs_only_marks()) {
        const auto* const index = indexes_->up_to_date(account.database(), view_.mailbox);
        if (index != nullptr && (index->has_keywords || !plan_.has_keywords())) {
            run_range_of_index(*index, end);
            return true;
        }
    }
    const auto level = plan_.level();
    auto rows = account.database().prepare(sql_of(level, necessary));
    rows.bind(view_.mailbox, view_.uid(at_), view_.uid(end - 1), necessary.flags_mask, necessary.flags_value,
              necessary.modseq, necessary.keyword);
    const auto received = [&] {
        return Timestamp{.seconds = rows.column<std::int64_t>(7), .offset_minutes = rows.column<std::int16_t>(8)};
    };
    for (std::size_t count = 0; rows.step(); ++count) {
        const auto uid = rows.column<std::uint32_t>(0);
        while (at_ < end && number(view_.uid(at_)) < uid) ++at_;
        if (at_ == end) break;
        if (number(view_.uid(at_)) != uid) continue;  // the client does not know of it
        if (count >= rows_at_once) return false;
        Facts facts{.level = Level::placement,
                    .position = at_++,
                    .message = rows.column<store::MessageId>(1),
                    .flags = model::Flags::from_bits(rows.column<std::uint32_t>(2)),
                    .keywords = rows.column<std::string_view>(3),
                    .modseq = rows.column<std::int64_t>(4),
                    .save_date = rows.column<std::optional<std::int64_t>>(5)};
        auto result = plan_.matches(facts);
        if (!result && level >= Level::message) {
            facts.level = Level::message;
            facts.size = rows.column<std::uint64_t>(6);
            facts.received = received();
            facts.thread = rows.column<std::int64_t>(9);
            result = plan_.matches(facts);
        }
        const auto structure = !result ? rows.column<std::string_view>(11) : std::string_view();
        const bool is_stored = !result && structure_.read(structure) && structure_.fits(facts.size);
        if (is_stored) {
            facts.level = Level::structure;
            facts.structure = &structure_;
            result = plan_.matches(facts);
        }
        if (result) {
            if (*result) matches_.push_back({static_cast<std::uint32_t>(facts.position), facts.modseq});
            continue;
        }
        batch_.push_back({.facts = facts,
                          .keywords = std::string(facts.keywords),
                          .prefix = rows.column<std::string>(10),
                          .structure = is_stored ? std::string(structure) : std::string()});
        batch_bytes_ += facts.size;
        if (!batch_is_full()) continue;
        rows.reset();
        look_into_files(account);
        return at_ == end;
    }
    at_ = end;
    return true;
}

// Nothing that was looked at is undecided then.
bool SearchRun::has_enough(store::Account& account) {
    if (matches_.size() + batch_.size() < enough_) return false;
    look_into_files(account);
    return matches_.size() >= enough_;
}

bool SearchRun::batch_is_full() const {
    return batch_.size() >= max_batch || batch_bytes_ >= max_batch_bytes;
}

void SearchRun::look_into_files(store::Account& account) {
    const store::MessageFolder folder(account.layout().messages(account.name()));
    parallel_for(std::min(default_jobs(), max_threads), batch_.size(), [&](std::size_t i) {
        Candidate& candidate = batch_[i];
        readers_.with([&](Reader& reader) {
            try {
                const store::MessageContents contents(folder, candidate.facts.message, candidate.prefix,
                                                      static_cast<std::int64_t>(candidate.facts.size));
                if (candidate.structure.empty()) candidate.structure = scanned_structure(contents);
                if (!reader.structure.read(candidate.structure)) return;
                const auto found = reader.texts.run(contents, reader.structure);
                candidate.found.assign(found.begin(), found.end());
            } catch (const Error& error) {
                candidate.failure = error.what();
            }
        });
    });
    for (auto& candidate : batch_) {
        if (!candidate.failure.empty()) failure_ = candidate.failure;
        candidate.found.resize(plan_.texts().size());
        Facts& facts = candidate.facts;
        if (!structure_.read(candidate.structure)) continue;
        facts.level = Level::file;
        facts.keywords = candidate.keywords;
        facts.structure = &structure_;
        facts.found = candidate.found;
        if (plan_.matches(facts).value_or(false))
            matches_.push_back({static_cast<std::uint32_t>(facts.position), facts.modseq});
    }
    batch_.clear();
    batch_bytes_ = 0;
}

}  // namespace mox::imap
