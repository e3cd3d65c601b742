#pragma once

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
    // The page with each longer run of plain ASCII text replaced by two characters of Unicode's private use area, and
    // without attributes that `keeps` does not want, wherever a tag is written without doubt. What the parser makes of
    // the rest is the same.
    [[nodiscard]] std::string shorten(std::string_view html, bool (*keeps)(std::string_view attribute));
    // Appends `parsed`, a piece of text or an attribute of the shortened page, with the runs put back. Each comes once.
    void restore(std::string_view parsed, std::string& out);

private:
    std::size_t shorten_tag(std::string_view html, std::size_t at, bool (*keeps)(std::string_view attribute));
    std::size_t shorten_text(std::string_view html, std::size_t at);

    std::string shortened_;
    std::vector<std::string_view> runs_;  // empty when put back
};

// How the tags of a page are found without a parser: the position after the tag that starts at `at`, and how many
// attributes it seems to have.
[[nodiscard]] std::size_t tag_end(std::string_view html, std::size_t at, std::size_t& attributes);
[[nodiscard]] bool starts_tag(std::string_view html, std::size_t at);
[[nodiscard]] bool is_html_blank(char c);

}  // namespace mox::mime
