#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "snapshot/manifest.hpp"

namespace mox::snapshot {

namespace {

using nlohmann::json;

constexpr int most_nesting = 8;

[[noreturn]] void fail(std::string_view where, std::string_view what) {
    throw Error(Errc::corrupt, fmt::format("{}: {}", where, what));
}

std::int64_t line_of(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, std::min(offset, text.size()));
    return 1 + std::count(before.begin(), before.end(), '\n');
}

// One field of an object; `where` is the object's place for messages, empty for the whole.
class Reader {
public:
    Reader(const json& object, std::string where) : object_(object), where_(std::move(where)) {
        if (!object_.is_object()) fail(where_.empty() ? "manifest" : where_, "not an object");
    }

    [[nodiscard]] std::string place(std::string_view name) const {
        return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
    }
    [[nodiscard]] bool has(const char* name) const { return object_.contains(name); }
    [[nodiscard]] const json& field(const char* name) const {
        const auto found = object_.find(name);
        if (found == object_.end()) fail(place(name), "missing");
        return *found;
    }
    [[nodiscard]] std::int64_t number(const char* name) const {
        const json& value = field(name);
        if (!value.is_number_unsigned()) fail(place(name), "not a number of 0 or more");
        if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fail(place(name), "number too large");
        return value.get<std::int64_t>();
    }
    [[nodiscard]] bool boolean(const char* name) const {
        const json& value = field(name);
        if (!value.is_boolean()) fail(place(name), "neither true nor false");
        return value.get<bool>();
    }
    [[nodiscard]] const std::string& text(const char* name) const {
        const json& value = field(name);
        if (!value.is_string()) fail(place(name), "not a string");
        return value.get_ref<const std::string&>();
    }
    [[nodiscard]] const json& array(const char* name) const {
        const json& value = field(name);
        if (!value.is_array()) fail(place(name), "not an array");
        return value;
    }
    [[nodiscard]] Timestamp time(const char* name) const {
        const auto value = from_rfc3339(text(name));
        if (!value) fail(place(name), "not a time as in RFC 3339");
        return *value;
    }
    [[nodiscard]] std::string path() const {
        if (!has("path_base64")) return text("path");
        auto value = from_base64(text("path_base64"));
        if (!value) fail(place("path_base64"), "not base64");
        return std::move(*value);
    }
    [[nodiscard]] Sha256Digest digest(const char* name) const {
        const auto bytes = from_hex(text(name));
        Sha256Digest digest{};
        if (!bytes || bytes->size() != digest.size()) fail(place(name), "not 64 hexadecimal digits");
        std::ranges::copy(as_bytes(*bytes), digest.begin());
        return digest;
    }

private:
    const json& object_;
    std::string where_;
};

std::optional<Stored> stored_from(std::string_view text) {
    for (const Stored stored :
         {Stored::database, Stored::link, Stored::reflink, Stored::copy, Stored::raw, Stored::symlink})
        if (to_string(stored) == text) return stored;
    return std::nullopt;
}

// Manifests of earlier programs do not say.
Verification read_verification(const Reader& in) {
    if (!in.has("verification")) return Verification::none;
    for (const auto verification :
         {Verification::none, Verification::unshared, Verification::full, Verification::failed})
        if (to_string(verification) == in.text("verification")) return verification;
    fail(in.place("verification"), "unknown " + quote(in.text("verification")));
}

FileEntry read_file_entry(const Reader& in) {
    FileEntry file{.path = in.path(), .size_bytes = in.number("bytes"), .sha256 = in.digest("sha256")};
    if (const auto problem = path_problem(file.path); !problem.empty()) fail(in.place("path"), problem);
    const auto stored = stored_from(in.text("stored"));
    if (!stored) fail(in.place("stored"), "unknown " + quote(in.text("stored")));
    file.stored = *stored;
    return file;
}

std::vector<FileEntry> read_files(const json& array) {
    std::vector<FileEntry> files;
    files.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        const std::string where = fmt::format("files[{}]", i);
        files.push_back(read_file_entry(Reader(array[i], where)));
        if (i > 0 && files[i - 1].path >= files[i].path) fail(where + ".path", "not in ascending order");
    }
    return files;
}

std::vector<Problem> read_problems(const json& array) {
    std::vector<Problem> problems;
    problems.reserve(array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
        const Reader in(array[i], fmt::format("problems[{}]", i));
        problems.push_back({.path = in.path(), .detail = in.text("detail")});
    }
    return problems;
}

Totals read_totals(const Reader& in) {
    return {.accounts = in.number("accounts"),
            .mailboxes = in.number("mailboxes"),
            .messages = in.number("messages"),
            .queued_messages = in.number("queued_messages"),
            .message_files = in.number("message_files"),
            .message_bytes = in.number("message_bytes"),
            .linked = in.number("linked"),
            .reflinked = in.number("reflinked"),
            .copied = in.number("copied"),
            .shared = in.has("shared") ? in.number("shared") : 0,
            .files = in.number("files"),
            .file_bytes = in.number("file_bytes")};
}

// Throws unless the text ends with the hash of everything before its last two lines.
void require_trailer(std::string_view text) {
    const std::size_t length = manifest_trailer({}).size();
    const std::size_t start = text.size() < length ? 0 : text.size() - length;
    const auto trailer = text.substr(start);
    if (trailer.size() != length || !trailer.starts_with("  \"manifest_sha256\": \"") || !trailer.ends_with("\"\n}\n"))
        fail(fmt::format("line {}", line_of(text, text.size())), "does not end with its own hash: cut off or changed");
    if (trailer != manifest_trailer(text.substr(0, start)))
        fail("manifest_sha256", "not the hash of this text: changed after it was written");
}

json parse_json(std::string_view text) {
    const auto limit_depth = [](int depth, json::parse_event_t, json&) {
        if (depth > most_nesting) fail("manifest", "nested too deeply");
        return true;
    };
    try {
        return json::parse(text.begin(), text.end(), limit_depth);
    } catch (const json::parse_error& error) {
        fail(fmt::format("line {}", line_of(text, error.byte == 0 ? 0 : error.byte - 1)), "not JSON");
    } catch (const json::exception&) {  // a number out of range
        fail("manifest", "not JSON that can be read");
    }
}

}  // namespace

Manifest parse_manifest(std::string_view text) {
    require_trailer(text);
    const json document = parse_json(text);
    const Reader in(document, "");
    if (const auto format = in.number("format"); format > manifest_format)
        throw Error(
            Errc::newer_version,
            fmt::format("format: {} is newer than {}, the newest that this program knows", format, manifest_format),
            "use a newer release of moxtools");
    else if (format < 1)
        fail("format", "0 is no format");
    const Reader options(in.field("options"), "options");
    Manifest m{.program = in.text("program"),
               .started = in.time("started"),
               .finished = in.time("finished"),
               .link_live = options.boolean("link_live"),
               .config = options.boolean("config"),
               .previous = in.has("previous") ? in.text("previous") : std::string(),
               .verification = read_verification(in),
               .totals = read_totals(Reader(in.field("totals"), "totals")),
               .files = read_files(in.array("files")),
               .problems = read_problems(in.array("problems")),
               .problem_count = in.number("problem_count")};
    if (static_cast<std::uint64_t>(m.problem_count) < m.problems.size())
        fail("problem_count", "less than the problems listed");
    if (in.boolean("complete") != m.complete()) fail("complete", "disagrees with problem_count");
    if (m.verification == Verification::failed && m.complete()) fail("verification", "failed, but without problems");
    return m;
}

}  // namespace mox::snapshot
