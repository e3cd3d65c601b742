#include "outlet/maildir_name.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "intake/exported.hpp"

namespace mox::outlet {

namespace {

constexpr std::size_t most_letters = 26;

// Readers would make a flag of it.
bool is_ambiguous(std::string_view name) {
    return model::flag_from_name(name) && !model::flag_from_imap_name(name);
}

}  // namespace

KeywordLetters::KeywordLetters(const std::map<std::string, std::int64_t>& counts) {
    std::vector<std::pair<std::int64_t, std::string>> order;
    for (const auto& [name, count] : counts)
        if (!is_ambiguous(name)) order.emplace_back(-count, name);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < std::min(order.size(), most_letters); ++i) {
        letter_of_.emplace(order[i].second, static_cast<char>('a' + i));
        names_.push_back(order[i].second);
    }
}

std::string KeywordLetters::letters(const Message& message, std::vector<std::string_view>& others) const {
    std::string letters;
    const auto add_flag = [&](model::Flag flag, char letter) {
        if (message.flags.has(flag)) letters += letter;
    };
    add_flag(model::Flag::draft, 'D');
    add_flag(model::Flag::flagged, 'F');
    add_flag(model::Flag::forwarded, 'P');
    add_flag(model::Flag::answered, 'R');
    add_flag(model::Flag::seen, 'S');
    add_flag(model::Flag::deleted, 'T');
    const std::size_t flags = letters.size();
    const auto add_name = [&](std::string_view name) {
        if (const auto found = letter_of_.find(name); found != letter_of_.end())
            letters += found->second;
        else
            others.push_back(name);
    };
    for (const auto name : model::imap_names(message.flags))
        if (name.starts_with('$')) add_name(name);
    for (const auto& keyword : message.keywords) add_name(keyword);
    std::sort(letters.begin() + static_cast<std::ptrdiff_t>(flags), letters.end());
    return letters;
}

std::string KeywordLetters::dovecot_keywords() const {
    std::string text;
    for (std::size_t i = 0; i < names_.size(); ++i) text += fmt::format("{} {}\n", i, names_[i]);
    return text;
}

std::string maildir_base(const Message& message, const Contents& contents) {
    constexpr std::int64_t first_told = 100'000'000, first_not_told = 10'000'000'000;  // of nine or ten digits
    const std::int64_t seconds = message.received.seconds;
    const bool is_told = seconds >= first_told && seconds < first_not_told;
    std::string name =
        fmt::format("{}.U{:010}I{}.mox,S={}", is_told ? seconds : 0, message.uid, message.id, contents.written_bytes);
    // Dovecot's count of bytes with CRLF; it counts other forms in another way than we do.
    if (contents.line_ends == LineEnds::lf) name += fmt::format(",W={}", contents.size_bytes);
    const intake::ExportNote note{.received = message.received, .exact = contents.line_ends == LineEnds::exact};
    return name + intake::to_name_fields(note, is_told ? std::optional(seconds) : std::nullopt);
}

}  // namespace mox::outlet
