#include "snapshot/manifest.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace mox::snapshot {

namespace {

// A JSON string. What is not UTF-8 appears escaped: JSON could not hold it.
std::string text_of(std::string_view text) {
    return nlohmann::json(is_utf8(text) ? std::string(text) : escaped(text)).dump();
}

std::string path_field(const std::string& path) {
    if (is_utf8(path)) return "\"path\": " + text_of(path);
    return "\"path_base64\": " + text_of(to_base64(as_bytes(path)));
}

// `items` as the lines of an array.
template <class Items, class Line>
void append_array(std::string& out, std::string_view name, const Items& items, Line&& line) {
    out += fmt::format("  \"{}\": [", name);
    bool first = true;
    for (const auto& item : items) {
        out += first ? "\n    " : ",\n    ";
        out += line(item);
        first = false;
    }
    out += first ? "],\n" : "\n  ],\n";
}

std::string totals_text(const Totals& t) {
    return fmt::format(
        "{{\"accounts\": {}, \"mailboxes\": {}, \"messages\": {}, \"queued_messages\": {}, \"message_files\": {}, "
        "\"message_bytes\": {}, \"linked\": {}, \"reflinked\": {}, \"copied\": {}, \"shared\": {}, \"files\": {}, "
        "\"file_bytes\": {}}}",
        t.accounts, t.mailboxes, t.messages, t.queued_messages, t.message_files, t.message_bytes, t.linked, t.reflinked,
        t.copied, t.shared, t.files, t.file_bytes);
}

}  // namespace

std::string_view to_string(Stored stored) {
    switch (stored) {
        case Stored::database:
            return "database";
        case Stored::link:
            return "link";
        case Stored::reflink:
            return "reflink";
        case Stored::copy:
            return "copy";
        case Stored::raw:
            return "raw";
        case Stored::symlink:
            return "symlink";
    }
    return "?";
}

std::string_view to_string(Verification verification) {
    switch (verification) {
        case Verification::none:
            return "none";
        case Verification::unshared:
            return "unshared";
        case Verification::full:
            return "full";
        case Verification::failed:
            return "failed";
    }
    return "?";
}

std::string_view path_problem(std::string_view path) {
    if (!path.starts_with("data/") && !path.starts_with("config/")) return "not below data/ or config/";
    if (path.size() > 4096) return "longer than 4096 bytes";
    if (path.find('\0') != std::string_view::npos) return "has a NUL";
    while (true) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        if (part.empty() || part == "." || part == "..") return "has an empty part, '.' or '..'";
        if (slash == std::string_view::npos) return {};
        path.remove_prefix(slash + 1);
    }
}

std::string manifest_trailer(std::string_view text) {
    return "  \"manifest_sha256\": \"" + to_hex(sha256(as_bytes(text))) + "\"\n}\n";
}

std::string to_text(const Manifest& m) {
    std::string out = fmt::format(
        "{{\n  \"format\": {},\n  \"program\": {},\n  \"started\": \"{}\",\n  \"finished\": \"{}\",\n"
        "  \"complete\": {},\n  \"verification\": \"{}\",\n  \"options\": {{\"link_live\": {}, \"config\": {}}},\n",
        manifest_format, text_of(m.program), to_rfc3339(m.started), to_rfc3339(m.finished), m.complete(),
        to_string(m.verification), m.link_live, m.config);
    if (!m.previous.empty()) out += fmt::format("  \"previous\": {},\n", text_of(m.previous));
    out += fmt::format("  \"totals\": {},\n", totals_text(m.totals));
    append_array(out, "files", m.files, [](const FileEntry& file) {
        return fmt::format("{{{}, \"bytes\": {}, \"sha256\": \"{}\", \"stored\": \"{}\"}}", path_field(file.path),
                           file.size_bytes, to_hex(file.sha256), to_string(file.stored));
    });
    out += fmt::format("  \"problem_count\": {},\n", m.problem_count);
    append_array(out, "problems", m.problems, [](const Problem& problem) {
        return fmt::format("{{{}, \"detail\": {}}}", path_field(problem.path), text_of(problem.detail));
    });
    return out + manifest_trailer(out);
}

}  // namespace mox::snapshot
