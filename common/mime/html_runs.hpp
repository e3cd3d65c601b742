#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Makes pages shorter before they are parsed. A parser of HTML spends its time on characters, one by one, and most of
// them mean nothing to it: plain text stands for itself wherever it is, and most attributes are never asked for.

namespace mox::mime {

// One page after the other; not from two threads at a time.
class HtmlRuns {
public:
    // What becomes of an attribute.
    enum class Use {
        none,   // left out
        text,   // its value is only for restore()
        value,  // left as it is
    };
    using UseOf = Use (*)(std::string_view attribute);
    // Elements that change nothing but the look of text.
    static constexpr std::array<std::string_view, 14> plain_names{
        "font", "b", "span", "i", "u", "strong", "em", "big", "small", "tt", "s", "strike", "code", "sub"};

    // The page with each longer run of plain ASCII text replaced by two characters of Unicode's private use area, one
    // blank for several, and, wherever a tag is written without doubt, without attributes that nobody uses and without
    // the tags of elements that change nothing but the look of text when none of their attributes is used; a line break
    // is a blank. What the parser makes of the rest is the same.
    [[nodiscard]] std::string shorten(std::string_view html, UseOf use_of);
    // Appends `parsed`, a piece of text or an attribute of the shortened page, with the runs put back. Each comes once.
    void restore(std::string_view parsed, std::string& out);

private:
    enum class Copied : bool { no, yes };

    std::size_t copy_tag(std::string_view html, std::size_t at);
    std::size_t shorten_tag(std::string_view html, std::size_t at, UseOf use_of);
    std::size_t shorten_end_tag(std::string_view html, std::size_t at);
    std::size_t shorten_text(std::string_view html, std::size_t at);
    void append_attribute(std::string_view name, std::string_view value, Use use);
    void append_sign_of(std::string_view run);
    [[nodiscard]] bool ends_open(std::size_t size) const;

    std::string shortened_;
    std::size_t reference_end_ = 0;       // in shortened_, of the last character reference, if no sign ends it
    std::vector<std::string_view> runs_;  // empty when put back
    std::array<std::vector<Copied>, plain_names.size()> open_;  // elements of each name, as their start tags went
};

// How the tags of a page are found without a parser: the position after the tag that starts at `at`, and how many
// attributes it seems to have.
[[nodiscard]] std::size_t tag_end(std::string_view html, std::size_t at, std::size_t& attributes);
[[nodiscard]] bool starts_tag(std::string_view html, std::size_t at);
[[nodiscard]] bool is_html_blank(char c);

}  // namespace mox::mime
