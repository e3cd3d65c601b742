#include "server/imap/search_plan.hpp"

#include <algorithm>
#include <array>

#include "mime/fold.hpp"
#include "server/imap/stored_fields.hpp"

namespace mox::imap {

namespace {

using Kind = SearchKey::Kind;

constexpr std::int64_t seconds_a_day = 86'400;

// The day of a moment, by the clock of who wrote it: dates in searches have no zone (RFC 9051 section 6.4.4).
std::int64_t day_of(const Timestamp& time) {
    const std::int64_t local = time.seconds + std::int64_t{time.offset_minutes} * 60;
    return local / seconds_a_day - (local % seconds_a_day < 0 ? 1 : 0);
}

bool is_day(Kind kind, std::int64_t day, std::int64_t wanted) {
    switch (kind) {
        case Kind::before:
        case Kind::sent_before:
        case Kind::saved_before:
            return day < wanted;
        case Kind::on:
        case Kind::sent_on:
        case Kind::saved_on:
            return day == wanted;
        default:
            return day >= wanted;
    }
}

bool contains(const IndexRanges& ranges, std::size_t position) {
    const auto at = std::ranges::upper_bound(ranges, position, {}, &IndexRange::begin);
    return at != ranges.begin() && position < std::prev(at)->end;
}

Level level_of(Kind kind) {
    switch (kind) {
        case Kind::all:
        case Kind::numbers:
        case Kind::uids:
        case Kind::recent:
        case Kind::email_id:
            return Level::view;
        case Kind::flag:
        case Kind::keyword:
        case Kind::mod_seq:
            return Level::placement;
        case Kind::larger:
        case Kind::smaller:
        case Kind::before:
        case Kind::on:
        case Kind::since:
        case Kind::saved_before:
        case Kind::saved_on:
        case Kind::saved_since:
        case Kind::older:
        case Kind::younger:
        case Kind::thread_id:
            return Level::message;
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since:
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            return Level::structure;
        default:
            return Level::file;
    }
}

std::string_view field_of(const SearchKey& key) {
    switch (key.kind) {
        case Kind::from:
            return "from";
        case Kind::to:
            return "to";
        case Kind::cc:
            return "cc";
        case Kind::bcc:
            return "bcc";
        case Kind::subject:
            return "subject";
        default:
            return key.name;
    }
}

bool starts_with_letter(std::string_view id, char letter) {
    return id.size() > 1 && id.front() == letter && id[1] != '0' &&
           id.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

SearchPlan::SearchPlan(const SearchKey& key, const Selected& view, std::int64_t now)
    : now_(now),
      root_(compiled(key, view)),
      level_(root_.level) {
    necessary_.positions = {{0, view.size()}};
    add_necessary(root_);
}

SearchPlan::Node SearchPlan::compiled(const SearchKey& key, const Selected& view) {
    Node node{.kind = key.kind,
              .level = level_of(key.kind),
              .flag = key.flag,
              .number = key.number,
              .day = key.day,
              .text = mime::folded(key.text)};
    only_marks_ = only_marks_ && key.kind != Kind::mod_seq;
    has_keywords_ = has_keywords_ || key.kind == Kind::keyword;
    switch (key.kind) {
        case Kind::every:
        case Kind::either:
        case Kind::negation:
            node.level = Level::view;
            for (const auto& inner : key.keys) {
                node.nodes.push_back(compiled(inner, view));
                node.level = std::max(node.level, node.nodes.back().level);
            }
            // Cheap ones decide first.
            std::ranges::stable_sort(node.nodes, {}, &Node::level);
            break;
        case Kind::numbers:
        case Kind::uids:
            node.positions =
                key.kind == Kind::uids ? view.by_uid(key.set) : view.by_number(key.set, Selected::Missing::skipped);
            break;
        case Kind::recent:
            node.positions = view.by_uids(view.recent);
            break;
        case Kind::keyword:
            node.text = " " + key.name + " ";
            break;
        case Kind::email_id:
        case Kind::thread_id:
            if (starts_with_letter(key.name, key.kind == Kind::email_id ? 'M' : 'T') && key.name.size() < 20)
                node.number = std::stoull(key.name.substr(1));
            break;
        case Kind::header:
            if (is_stored_field(key.name)) {
                node.level = Level::structure;
                node.field = key.name;
                break;
            }
            node.index = texts_.size();
            texts_.push_back({TextSearch::Wanted::Where::field, key.name, node.text});
            break;
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject:
            node.field = field_of(key);
            break;
        case Kind::body:
        case Kind::text:
            node.index = texts_.size();
            texts_.push_back(
                {key.kind == Kind::body ? TextSearch::Wanted::Where::body : TextSearch::Wanted::Where::anywhere,
                 {},
                 node.text});
            break;
        default:
            break;
    }
    return node;
}

void SearchPlan::add_necessary(const Node& node) {
    const bool negated = node.kind == Kind::negation;
    const Node& leaf = negated ? node.nodes.front() : node;
    if (leaf.kind == Kind::flag) {
        necessary_.flags_mask |= leaf.flag.bits();
        if (!negated) necessary_.flags_value |= leaf.flag.bits();
        return;
    }
    if (negated) return;
    switch (node.kind) {
        case Kind::every:
            for (const auto& inner : node.nodes) add_necessary(inner);
            break;
        case Kind::numbers:
        case Kind::uids:
        case Kind::recent:
            necessary_.positions = common(necessary_.positions, node.positions);
            break;
        case Kind::mod_seq:
            necessary_.modseq = std::max(necessary_.modseq, static_cast<std::int64_t>(node.number));
            break;
        case Kind::keyword:
            necessary_.keyword = node.text.substr(1, node.text.size() - 2);
            break;
        default:
            break;
    }
}

std::optional<bool> SearchPlan::matches(const Facts& facts) const {
    return matches(root_, facts);
}

std::optional<bool> SearchPlan::matches(const Node& node, const Facts& facts) const {
    switch (node.kind) {
        case Kind::every:
        case Kind::either: {
            const bool decides = node.kind == Kind::either;
            bool unknown = false;
            for (const auto& inner : node.nodes) {
                const auto result = matches(inner, facts);
                if (result == decides) return decides;
                unknown = unknown || !result;
            }
            return unknown ? std::nullopt : std::optional(!decides);
        }
        case Kind::negation: {
            const auto result = matches(node.nodes.front(), facts);
            return result ? std::optional(!*result) : std::nullopt;
        }
        default:
            if (node.level > facts.level) return std::nullopt;
            return matches_leaf(node, facts);
    }
}

bool SearchPlan::matches_leaf(const Node& node, const Facts& facts) const {
    switch (node.kind) {
        case Kind::all:
            return true;
        case Kind::numbers:
        case Kind::uids:
        case Kind::recent:
            return contains(node.positions, facts.position);
        case Kind::email_id:
            return node.number == static_cast<std::uint64_t>(number(facts.message));
        case Kind::flag:
            return facts.flags.bits() & node.flag.bits();
        case Kind::keyword:
            if (facts.keywords.empty()) return false;
            buffer_.assign(1, ' ').append(facts.keywords).append(1, ' ');
            return buffer_.find(node.text) != std::string::npos;
        case Kind::mod_seq:
            return facts.modseq >= static_cast<std::int64_t>(node.number);
        case Kind::larger:
            return facts.size > node.number;
        case Kind::smaller:
            return facts.size < node.number;
        case Kind::before:
        case Kind::on:
        case Kind::since:
            return is_day(node.kind, day_of(facts.received), node.day);
        case Kind::saved_before:
        case Kind::saved_on:
        case Kind::saved_since:
            // RFC 8514 section 4.2: the date of arrival where it is not known.
            return is_day(node.kind, day_of(facts.save_date ? Timestamp{.seconds = *facts.save_date} : facts.received),
                          node.day);
        case Kind::older:  // RFC 5032
            return facts.received.seconds <=
                   now_ - static_cast<std::int64_t>(std::min<std::uint64_t>(node.number, INT32_MAX));
        case Kind::younger:
            return facts.received.seconds >=
                   now_ - static_cast<std::int64_t>(std::min<std::uint64_t>(node.number, INT32_MAX));
        case Kind::thread_id:
            return node.number != 0 && node.number == static_cast<std::uint64_t>(facts.thread);
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since:
            // As for SORT (RFC 5256 section 2.2), the date of arrival stands in.
            return is_day(node.kind, day_of(facts.structure->date().value_or(facts.received)), node.day);
        case Kind::body:
        case Kind::text:
            return facts.found[node.index] != 0;
        default:
            break;
    }
    if (node.field.empty()) return facts.found[node.index] != 0;
    const auto* const envelope = facts.structure->envelope(facts.structure->root());
    return envelope != nullptr && stored_field_contains(*envelope, node.field, node.text, buffer_, folded_);
}

}  // namespace mox::imap
