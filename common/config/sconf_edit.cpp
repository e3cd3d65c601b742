#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "config/sconf.hpp"
#include "config/sconf_text.hpp"

namespace mox::config::sconf {

namespace {

// Changes a text by exchanging ranges of its lines for others. Parts are found by the lines at which they begin.
class Editor {
public:
    Editor(std::string_view text, const Lines& places);

    void structure(const Type& type, const void* before, const void* after, const Path& path, std::size_t end,
                   std::size_t depth);
    [[nodiscard]] std::string result() const;

private:
    struct Line {
        std::string_view text;  // with its line feed
        std::size_t tabs = 0;
        bool is_content = false;  // neither empty nor a comment
    };

    void field(const Field& field, const void* before, const void* after, const Path& path, std::size_t end,
               std::size_t depth);
    void map(const Field& field, const void* before, const void* after, const Path& path, std::size_t depth);
    void element(const Field& field, std::string_view key, const void* before, const void* after, const Path& path,
                 std::size_t depth);

    [[nodiscard]] std::optional<std::size_t> line_of(const Path& path) const;  // from 0
    // After the last line of contents of the part that begins at line `start`.
    [[nodiscard]] std::size_t end_of(std::size_t start) const;
    void replace(std::size_t start, const std::string& by);
    void remove(std::size_t start);
    void insert(std::size_t at, const std::string& text) { inserted_[at] += text; }

    std::vector<Line> lines_;
    const Lines& places_;
    std::vector<bool> is_gone_;
    std::map<std::size_t, std::string> inserted_;  // before that line
};

Editor::Editor(std::string_view text, const Lines& places) : places_(places) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        Line line{.text = text.substr(0, end == std::string_view::npos ? end : end + 1)};
        text.remove_prefix(line.text.size());
        while (line.tabs < line.text.size() && line.text[line.tabs] == '\t') ++line.tabs;
        const auto contents = trimmed(line.text);
        line.is_content = !contents.empty() && !contents.starts_with('#');
        lines_.push_back(line);
    }
    is_gone_.resize(lines_.size());
}

std::optional<std::size_t> Editor::line_of(const Path& path) const {
    const auto line = places_.at(path);
    return line && *line >= 1 && *line <= lines_.size() ? std::optional(*line - 1) : std::nullopt;
}

std::size_t Editor::end_of(std::size_t start) const {
    std::size_t end = start + 1;
    for (std::size_t i = end; i < lines_.size(); ++i) {
        if (!lines_[i].is_content) continue;
        if (lines_[i].tabs <= lines_[start].tabs) break;
        end = i + 1;
    }
    return end;
}

void Editor::remove(std::size_t start) {
    std::size_t first = start, end = end_of(start);
    const auto is_comment = [&](std::size_t i) { return !lines_[i].is_content && trimmed(lines_[i].text) != ""; };
    while (first > 0 && is_comment(first - 1) && lines_[first - 1].tabs == lines_[start].tabs) --first;
    while (end < lines_.size() && is_comment(end) && lines_[end].tabs > lines_[start].tabs) ++end;
    for (std::size_t i = first; i < end; ++i) is_gone_[i] = true;
}

void Editor::replace(std::size_t start, const std::string& by) {
    for (std::size_t i = start; i < end_of(start); ++i) is_gone_[i] = true;
    insert(start, by);
}

void Editor::structure(const Type& type, const void* before, const void* after, const Path& path, std::size_t end,
                       std::size_t depth) {
    for (const auto& each : type.fields()) field(each, before, after, path / each.name, end, depth);
}

void Editor::field(const Field& field, const void* before, const void* after, const Path& path, std::size_t end,
                   std::size_t depth) {
    const std::string text = field_text(field, after, depth);
    if (field_text(field, before, depth) == text) return;
    const bool is_wanted = field.presence == Presence::required || !field.type->is_zero(field.const_member(after));
    const auto line = line_of(path);
    if (!line) return is_wanted ? insert(end, text) : void();
    if (!is_wanted) return remove(*line);
    if (field.type->kind == Kind::map)
        map(field, field.const_member(before), field.const_member(after), path, depth);
    else if (field.type->kind == Kind::structure)
        structure(*field.type, field.const_member(before), field.const_member(after), path, end_of(*line), depth + 1);
    else
        replace(*line, text);
}

void Editor::map(const Field& field, const void* before, const void* after, const Path& path, std::size_t depth) {
    std::map<std::string, const void*, std::less<>> old_elements, new_elements;
    const Type& type = *field.type;
    type.visit(before, [&](std::string_view key, const void* e) { old_elements.emplace(key, e); });
    type.visit(after, [&](std::string_view key, const void* e) { new_elements.emplace(key, e); });
    for (const auto& [key, value] : old_elements)
        if (const auto line = line_of(path / key); line && !new_elements.contains(key)) remove(*line);
    for (const auto& [key, value] : new_elements) {
        const auto old = old_elements.find(key);
        if (old != old_elements.end())
            element(field, key, old->second, value, path / key, depth + 1);
        else
            insert(end_of(*line_of(path)), element_text(field.name, key, *type.element, value, depth + 1));
    }
}

void Editor::element(const Field& field, std::string_view key, const void* before, const void* after, const Path& path,
                     std::size_t depth) {
    const Type& type = *field.type->element;
    const std::string text = element_text(field.name, key, type, after, depth);
    if (element_text(field.name, key, type, before, depth) == text) return;
    const auto line = line_of(path);
    if (!line) return;  // the caller notices
    const bool has_contents = end_of(*line) > *line + 1;
    if (type.kind == Kind::structure && has_contents && !type.is_zero(after))
        structure(type, before, after, path, end_of(*line), depth + 1);
    else
        replace(*line, text);
}

std::string Editor::result() const {
    std::string out;
    const auto add = [&](std::string_view text) {
        if (!out.empty() && out.back() != '\n') out += '\n';  // the last line need not have one
        out += text;
    };
    for (std::size_t i = 0; i <= lines_.size(); ++i) {
        if (const auto found = inserted_.find(i); found != inserted_.end()) add(found->second);
        if (i < lines_.size() && !is_gone_[i]) add(lines_[i].text);
    }
    return out;
}

}  // namespace

std::string edit_from(const Type& type, std::string_view text, const Lines& lines, const void* before,
                      const void* after) {
    Editor editor(text, lines);
    const std::size_t end =
        static_cast<std::size_t>(std::ranges::count(text, '\n')) + (text.empty() || text.ends_with('\n') ? 0 : 1);
    editor.structure(type, before, after, {}, end, 0);
    return editor.result();
}

}  // namespace mox::config::sconf
