#include "server/imap/fetch_run.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "mime/date.hpp"
#include "mime/header.hpp"
#include "server/imap/body_structure.hpp"
#include "server/imap/envelope.hpp"
#include "server/imap/flag_names.hpp"
#include "server/imap/header_fields.hpp"
#include "server/imap/scanned.hpp"
#include "store/changes.hpp"

namespace mox::imap {

namespace {

using Kind = FetchItem::Kind;

constexpr std::string_view placement_sql =
    "SELECT uid, message_id, flags, keywords, modseq, save_date FROM placement"
    " WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND modseq > ? ORDER BY uid";
constexpr std::string_view message_sql =
    "SELECT p.uid, p.message_id, p.flags, p.keywords, p.modseq, p.save_date, m.size, m.received, m.received_offset,"
    " m.thread_id FROM placement p CROSS JOIN message m ON m.id = p.message_id"
    " WHERE p.mailbox_id = ? AND p.uid BETWEEN ? AND ? AND p.modseq > ? ORDER BY p.uid";
constexpr std::string_view structure_sql =
    "SELECT p.uid, p.message_id, p.flags, p.keywords, p.modseq, p.save_date, m.size, m.received, m.received_offset,"
    " m.thread_id, m.prefix, m.structure FROM placement p CROSS JOIN message m ON m.id = p.message_id"
    " WHERE p.mailbox_id = ? AND p.uid BETWEEN ? AND ? AND p.modseq > ? ORDER BY p.uid";

// The same of a message that others expunged, as far as that can be told.
constexpr std::string_view gone_sql =
    "SELECT ?1, id, 0, '', 0, NULL, size, received, received_offset, thread_id, prefix, structure FROM message"
    " WHERE id = ?2";

// Only the header is read for them.
bool needs_structure(const FetchItem& item) {
    switch (item.kind) {
        case Kind::body:
            return !item.section.part.empty() || item.section.what != Section::Text::all;
        case Kind::body_structure:
        case Kind::body_structure_without_extension:
        case Kind::binary:
        case Kind::binary_size:
        case Kind::envelope:
        case Kind::rfc822_header:
        case Kind::rfc822_text:
            return true;
        default:
            return false;
    }
}

bool needs_message(const FetchItem& item) {
    return item.kind == Kind::rfc822 || item.kind == Kind::body || item.kind == Kind::rfc822_size ||
           item.kind == Kind::internal_date || item.kind == Kind::thread_id;
}

// Of a section of some bytes.
struct Stretch {
    std::uint64_t offset, size;
};
Stretch clipped(std::uint64_t size, const std::optional<Partial>& partial) {
    if (!partial) return {0, size};
    const auto offset = std::min(partial->offset, size);
    return {offset, std::min(partial->size, size - offset)};
}

bool is_of_fields(const Section& section) {
    return section.what == Section::Text::header_fields || section.what == Section::Text::header_fields_not;
}

// As a section of BODY.
Section section_of(const FetchItem& item) {
    if (item.kind == Kind::rfc822_header) return {.what = Section::Text::header};
    if (item.kind == Kind::rfc822_text) return {.what = Section::Text::text};
    return item.section;
}

}  // namespace

struct FetchRun::Row {
    const store::Account& account;
    const db::Statement& row;
    Need need;
    std::size_t position;

    [[nodiscard]] std::uint32_t uid() const { return row.column<std::uint32_t>(0); }
    [[nodiscard]] store::MessageId message() const { return row.column<store::MessageId>(1); }
    [[nodiscard]] model::Flags flags() const { return model::Flags::from_bits(row.column<std::uint32_t>(2)); }
    [[nodiscard]] std::string_view keywords() const { return row.column<std::string_view>(3); }
    [[nodiscard]] std::uint64_t modseq() const { return row.column<std::uint64_t>(4); }
    [[nodiscard]] std::optional<std::int64_t> save_date() const { return row.column<std::optional<std::int64_t>>(5); }
    [[nodiscard]] std::uint64_t size() const { return row.column<std::uint64_t>(6); }
    [[nodiscard]] Timestamp received() const {
        return {.seconds = row.column<std::int64_t>(7), .offset_minutes = row.column<std::int16_t>(8)};
    }
    [[nodiscard]] std::uint64_t thread() const { return row.column<std::uint64_t>(9); }
    [[nodiscard]] std::string prefix() const { return row.column<std::string>(10); }
    [[nodiscard]] std::string_view structure() const { return row.column<std::string_view>(11); }
};

FetchRun::FetchRun(const Selected& view, IndexRanges positions, std::vector<FetchItem> items, const Options& options)
    : view_(view),
      positions_(std::move(positions)),
      items_(std::move(items)),
      options_(options) {
    for (const auto& item : items_) {
        names_.push_back(answer_name(item));
        if (item.kind == Kind::flags) flags_ = true;
        if (item.kind == Kind::mod_seq) modseq_ = true;
        if (item.kind == Kind::save_date) save_date_ = true;
        // The prefix of contents is there too.
        if (needs_structure(item) || item.kind == Kind::body || item.kind == Kind::rfc822)
            need_ = Need::structure;
        else if (needs_message(item) && need_ == Need::placement)
            need_ = Need::message;
    }
    if (!positions_.empty()) at_ = positions_.front().begin;
}

bool FetchRun::sets_seen() const {
    return !view_.read_only && std::ranges::any_of(items_, [](const auto& item) { return imap::sets_seen(item); });
}

std::optional<store::ModSeq> FetchRun::mark_seen(store::Account& account) {
    RangeCollector unseen;
    auto rows = account.database().prepare(
        "SELECT uid FROM placement WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND flags & ? = 0 AND modseq > ?"
        " ORDER BY uid");
    for (const auto& range : view_.uid_ranges(positions_)) {
        rows.bind(view_.mailbox, range.first, range.last, model::Flags(model::Flag::seen).bits(),
                  options_.changed_since.value_or(-1));
        while (rows.step()) unseen.add(rows.column<std::uint32_t>(0));
    }
    rows.reset();
    if (unseen.empty()) return std::nullopt;
    newly_seen_ = unseen.ranges();
    store::UidRanges uids;
    for (const auto& range : newly_seen_) uids.push_back({store::Uid(range.first), store::Uid(range.last)});
    store::Transaction tx(account);
    (void)store::change_flags(tx, view_.mailbox, uids, {.flags = model::Flag::seen});
    const auto modseq = tx.modseq();
    tx.commit();
    return modseq;
}

bool FetchRun::step(store::Account& account, std::string& out, std::size_t enough) {
    for (;;) {
        pieces_.move_to(out, enough);
        if (out.size() >= enough) return true;
        if (range_ == positions_.size()) return false;
        if (!run_range(account, out, enough)) continue;
        if (++range_ < positions_.size()) at_ = positions_[range_].begin;
    }
}

// True when nothing is left of the present range.
bool FetchRun::run_range(store::Account& account, std::string& out, std::size_t enough) {
    const auto end = positions_[range_].end;
    if (at_ == end) return true;
    auto rows = account.database().prepare(need_ == Need::structure ? structure_sql
                                           : need_ == Need::message ? message_sql
                                                                    : placement_sql);
    rows.bind(view_.mailbox, view_.uid(at_), view_.uid(end - 1), options_.changed_since.value_or(-1));
    bool is_row = rows.step();
    while (at_ < end) {
        const std::uint64_t uid = is_row ? rows.column<std::uint32_t>(0) : UINT64_MAX;
        const std::uint64_t wanted = number(view_.uid(at_));
        if (uid == wanted)
            write_row(Row{account, rows, need_, at_}, out);
        else if (uid > wanted && !options_.changed_since)
            write_gone(account, out);
        if (uid >= wanted) ++at_;
        if (uid <= wanted) is_row = rows.step();  // below: the client does not know of it
        pieces_.move_to(out, enough);
        if (!pieces_.empty() || out.size() >= enough) return at_ == end;
    }
    return true;
}

// A message that others expunged, and of which the client does not know that yet: its row is still there, its flags are
// not (RFC 2180 section 4.1).
void FetchRun::write_gone(store::Account& account, std::string& out) {
    auto row = account.database().prepare(gone_sql);
    row.bind(view_.uid(at_), view_.message(at_));
    if (flags_ || modseq_ || save_date_ || !row.step())
        some_gone_ = true;
    else
        write_row(Row{account, row, Need::structure, at_}, out);
}

void FetchRun::write_row(const Row& row, std::string& out) {
    has_structure_ = false;
    contents_ = nullptr;
    line_.clear();
    Writer to(line_, options_.texts);
    to.raw("* ");
    to.number(row.position + 1);
    to.raw(" FETCH (UID ");
    to.number(row.uid());
    for (std::size_t i = 0; i < items_.size(); ++i) write_item(row, items_[i], names_[i]);
    const bool newly_seen = is_newly_seen(row.uid());
    const bool flags = flags_ || newly_seen;
    write_flags(row, flags, modseq_ || options_.changed_since || (flags && options_.with_modseq));
    line_ += ")\r\n";
    if (pieces_.empty())
        out += line_;
    else
        pieces_.add(std::move(line_));
}

void FetchRun::write_flags(const Row& row, bool flags, bool modseq) {
    if (flags) {
        line_ += " FLAGS (";
        append_flags(line_, row.flags(), row.keywords(), view_.is_recent(row.uid()));
        line_ += ')';
    }
    if (modseq) {
        line_ += " MODSEQ (";
        Writer(line_, options_.texts).number(std::max<std::uint64_t>(row.modseq(), 1));
        line_ += ')';
    }
}

void FetchRun::write_item(const Row& row, const FetchItem& item, const std::string& name) {
    Writer to(line_, options_.texts);
    switch (item.kind) {
        case Kind::uid:
        case Kind::flags:
        case Kind::mod_seq:
            return;
        case Kind::body:
        case Kind::rfc822:
        case Kind::rfc822_header:
        case Kind::rfc822_text:
            return write_contents(row, item, name);
        case Kind::binary:
        case Kind::binary_size:
            return write_binary(row, item, name);
        default:
            break;
    }
    to.raw(' ');
    to.raw(name);
    to.raw(' ');
    switch (item.kind) {
        case Kind::rfc822_size:
            return to.number(row.size());
        case Kind::internal_date:
            return to.string(mime::format_internal_date(row.received()));
        case Kind::save_date:
            return to.nstring(row.save_date() ? mime::format_internal_date({.seconds = *row.save_date()}) : "");
        case Kind::email_id:
            to.raw("(M");
            to.number(static_cast<std::uint64_t>(number(row.message())));
            return to.raw(')');
        case Kind::thread_id:
            to.raw("(T");
            to.number(row.thread());
            return to.raw(')');
        default:
            break;
    }
    if (!look_at_structure(row)) return to.raw("NIL");
    if (item.kind == Kind::envelope) return write_envelope(to, *structure_.envelope(structure_.root()));
    write_body_structure(to, structure_, item.kind == Kind::body_structure ? Extension::with : Extension::without);
}

void FetchRun::write_contents(const Row& row, const FetchItem& item, const std::string& name) {
    line_.append(" ").append(name);
    const Section section = section_of(item);
    const bool whole = section.part.empty() && section.what == Section::Text::all;
    Place place{.begin = 0, .end = row.size()};
    if (!whole) {
        if (look_at_structure(row))
            place = find_section(structure_, section);
        else
            place.status = Place::Status::missing;
    }
    const auto contents = place.status == Place::Status::found ? contents_of(row) : nullptr;
    if (!contents) {
        line_ += " NIL";
        return;
    }
    if (is_of_fields(section)) {
        const std::string fields = fields_of(row, item, place);
        const auto stretch = clipped(fields.size(), item.partial);
        line_.append(" {").append(std::to_string(stretch.size)).append("}\r\n");
        line_.append(fields, stretch.offset, stretch.size);
        return;
    }
    const auto stretch = clipped(place.end - place.begin, item.partial);
    line_.append(" {").append(std::to_string(stretch.size)).append("}\r\n");
    pieces_.add(std::exchange(line_, {}));
    pieces_.add(contents, place.begin + stretch.offset, place.begin + stretch.offset + stretch.size);
}

// Of a longer header, as everywhere (mime/header.hpp), only the beginning is looked at.
std::string FetchRun::fields_of(const Row& row, const FetchItem& item, const Place& header_at) {
    const std::string header = contents_of(row)->read(
        header_at.begin, std::min<std::uint64_t>(header_at.end, header_at.begin + mime::max_header_bytes));
    std::string fields =
        chosen_fields(header, item.section.fields,
                      item.section.what == Section::Text::header_fields ? Fields::only : Fields::all_but);
    std::ranges::replace(fields, '\0', '\x80');
    return fields;
}

void FetchRun::write_binary(const Row& row, const FetchItem& item, const std::string& name) {
    Place place{.status = Place::Status::missing};
    if (look_at_structure(row)) place = find_binary(structure_, item.section);
    if (place.status == Place::Status::not_decodable || place.status == Place::Status::unknown_encoding) {
        (place.status == Place::Status::not_decodable ? some_not_decodable_ : some_unknown_encoding_) = true;
        return;
    }
    if (is_of_fields(item.section) && item.kind == Kind::binary) return write_contents(row, item, name);
    line_.append(" ").append(name);
    if (item.kind == Kind::binary_size) {
        if (is_of_fields(item.section) && place.status == Place::Status::found && contents_of(row))
            place.decoded_size = fields_of(row, item, place).size();
        line_.append(" ").append(std::to_string(place.decoded_size));
        return;
    }
    const auto contents = place.status == Place::Status::found ? contents_of(row) : nullptr;
    if (!contents) {
        line_ += " NIL";
        return;
    }
    const auto stretch = clipped(place.decoded_size, item.partial);
    line_.append(" ~{").append(std::to_string(stretch.size)).append("}\r\n");
    pieces_.add(std::exchange(line_, {}));
    pieces_.add_decoded(contents, place.begin, place.end, place.encoding, stretch.offset, stretch.size);
}

Pieces::Contents FetchRun::contents_of(const Row& row) {
    if (contents_) return contents_;
    if (!folder_) folder_.emplace(row.account.layout().messages(row.account.name()));
    try {
        contents_ = std::make_shared<const store::MessageContents>(*folder_, row.message(), row.prefix(),
                                                                   static_cast<std::int64_t>(row.size()));
    } catch (const Error& error) {
        failure_ = error.what();
    }
    return contents_;
}

bool FetchRun::look_at_structure(const Row& row) {
    if (has_structure_) return true;
    has_structure_ = structure_.read(row.structure()) && structure_.envelope(structure_.root()) != nullptr &&
                     structure_.fits(row.size());
    if (has_structure_) return true;
    const auto contents = contents_of(row);
    if (!contents) return false;
    scanned_ = scanned_structure(*contents);
    has_structure_ = structure_.read(scanned_);
    return has_structure_;
}

bool FetchRun::is_newly_seen(std::uint32_t uid) {
    while (newly_seen_at_ < newly_seen_.size() && newly_seen_[newly_seen_at_].last < uid) ++newly_seen_at_;
    return newly_seen_at_ < newly_seen_.size() && newly_seen_[newly_seen_at_].first <= uid;
}

}  // namespace mox::imap
