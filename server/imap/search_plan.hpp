#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "mime/message_view.hpp"
#include "model/flags.hpp"
#include "server/imap/search_key.hpp"
#include "server/imap/selected.hpp"
#include "server/imap/text_search.hpp"

namespace mox::imap {

// What must be looked at to answer a key, cheapest first.
enum class Level {
    view,       // nothing
    placement,  // its row
    message,    // its row, but for the structure
    structure,
    file,
};

// What is known of one message, up to some level.
struct Facts {
    Level level = Level::view;
    std::size_t position = 0;
    store::MessageId message{};
    // Level::placement
    model::Flags flags;
    std::string_view keywords;  // separated by spaces
    std::int64_t modseq = 0;
    std::optional<std::int64_t> save_date;
    // Level::message
    std::uint64_t size = 0;
    Timestamp received;
    std::int64_t thread = 0;
    // Level::structure
    const mime::MessageView* structure = nullptr;
    // Level::file: of SearchPlan::texts()
    std::span<const char> found;
};

// Search keys, made ready for many messages of a view.
class SearchPlan {
public:
    // Message numbers that are not there match nothing. `now`: seconds.
    SearchPlan(const SearchKey& key, const Selected& view, std::int64_t now);

    // Nothing when more must be known.
    [[nodiscard]] std::optional<bool> matches(const Facts& facts) const;

    // The highest level that may have to be looked at.
    [[nodiscard]] Level level() const { return level_; }
    // It decides by the view, flags, and keywords if it has_keywords().
    [[nodiscard]] bool needs_only_marks() const { return only_marks_ && level_ == Level::placement; }
    [[nodiscard]] bool has_keywords() const { return has_keywords_; }
    // What is looked for in files.
    [[nodiscard]] const std::vector<TextSearch::Wanted>& texts() const { return texts_; }

    // What every match has, so that a query need not give others.
    struct Necessary {
        IndexRanges positions;
        std::uint32_t flags_mask = 0, flags_value = 0;
        std::int64_t modseq = 0;  // at least
        std::string keyword;      // or a longer one; empty: any
    };
    [[nodiscard]] const Necessary& necessary() const { return necessary_; }

private:
    struct Node {
        SearchKey::Kind kind{};
        Level level{};
        std::vector<Node> nodes;
        IndexRanges positions;
        model::Flags flag;
        std::uint64_t number = 0;
        std::int64_t day = 0;
        std::string text;       // folded; of a keyword with spaces around it
        std::string field;      // of a header that is stored
        std::size_t index = 0;  // in texts_
    };
    Node compiled(const SearchKey& key, const Selected& view);
    void add_necessary(const Node& node);
    [[nodiscard]] std::optional<bool> matches(const Node& node, const Facts& facts) const;
    [[nodiscard]] bool matches_leaf(const Node& node, const Facts& facts) const;

    std::int64_t now_;
    std::vector<TextSearch::Wanted> texts_;
    bool only_marks_ = true, has_keywords_ = false;
    Node root_;
    Level level_ = Level::view;
    Necessary necessary_;
    mutable std::string buffer_, folded_;  // used while matching: one thread at a time
};

}  // namespace mox::imap
