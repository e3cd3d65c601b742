// An mbox is read alike however its bytes arrive, its entries account for every byte, and what is stored has CRLF line
// ends and nothing else was changed.

#include <cstring>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "intake/source.hpp"
#include "require.hpp"

namespace {

using namespace mox;
using namespace mox::intake;

using mox::fuzz::require;

struct Entry {
    std::string origin;
    std::uint64_t offset;
    std::string raw;
    bool quoted = true;
    std::string stored;
    model::FlagsAndKeywords marks;
    std::optional<Timestamp> received;

    bool operator==(const Entry& other) const {
        return origin == other.origin && offset == other.offset && raw == other.raw && quoted == other.quoted &&
               stored == other.stored && marks.flags == other.marks.flags && marks.keywords == other.marks.keywords &&
               marks.rejected == other.marks.rejected && received == other.received;
    }
};

struct Outcome {
    std::vector<Entry> entries;
    std::vector<std::string> warnings;
    std::string failure;
    bool operator==(const Outcome&) const = default;
};

// `anywhere`: as a file, in which it can be looked ahead.
Outcome read(std::string_view text, std::size_t chunk, bool anywhere) {
    Outcome outcome;
    std::size_t at = 0;
    const auto copy = [&](std::size_t from, std::span<std::byte> buffer, std::size_t most) {
        const auto piece = text.substr(std::min(from, text.size()), std::min(most, buffer.size()));
        if (!piece.empty()) std::memcpy(buffer.data(), piece.data(), piece.size());
        return piece.size();
    };
    ByteInput input{.name = "in", .read = [&](std::span<std::byte> buffer) {
                        const std::size_t count = copy(at, buffer, chunk);
                        at += count;
                        return count;
                    }};
    if (anywhere)
        input.read_at = [&](std::uint64_t from, std::span<std::byte> buffer) {
            return copy(from, buffer, text.size());
        };
    const auto source = open_mbox(std::move(input));
    try {
        while (const auto raw = source->next()) {
            Entry entry{.origin = raw->origin, .offset = raw->offset_bytes};
            entry.raw = std::get<InlineBody>(raw->body).bytes.text();
            entry.quoted = std::get<InlineBody>(raw->body).quoted;
            const auto metadata = convert(*raw, [&](auto piece) { entry.stored += as_text(piece); });
            require(!metadata.failure && metadata.size_bytes == entry.stored.size());
            require(model::normalised(metadata.marks.keywords) == metadata.marks.keywords);
            entry.marks = metadata.marks;
            entry.received = metadata.received;
            outcome.entries.push_back(std::move(entry));
        }
        require(source->progress().bytes == text.size());
        require(source->progress().messages == outcome.entries.size());
    } catch (const Error& error) {
        require(error.code() == Errc::corrupt && outcome.entries.empty());
        outcome.failure = error.what();
    }
    for (const auto& warning : source->warnings().list) outcome.warnings.push_back(warning.text);
    return outcome;
}

// Each entry is its From line, its contents and at most one empty line; together they are the file.
void check_every_byte(std::string_view text, const Outcome& outcome) {
    const std::size_t first = outcome.entries.empty() ? text.size() : outcome.entries[0].offset;
    for (const char c : text.substr(0, first)) require(c == '\n' || c == '\r');
    for (std::size_t i = 0; i < outcome.entries.size(); ++i) {
        const auto& entry = outcome.entries[i];
        const std::size_t end = i + 1 < outcome.entries.size() ? outcome.entries[i + 1].offset : text.size();
        auto rest = text.substr(entry.offset, end - entry.offset);
        require(rest.starts_with("From "));
        rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
        require(rest.starts_with(entry.raw));
        rest.remove_prefix(entry.raw.size());
        require(rest.empty() || rest == "\n" || rest == "\r\n");
    }
}

// The rules of the stored form, written the plain way.
std::string plainly_stored(std::string_view raw, bool quoted) {
    std::string stored;
    while (!raw.empty()) {
        const auto lf = raw.find('\n');
        auto line = raw.substr(0, lf);
        raw.remove_prefix(lf == std::string_view::npos ? raw.size() : lf + 1);
        if (lf != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
        const auto quotes = std::min(line.find_first_not_of('>'), line.size());
        if (quoted && quotes > 0 && line.substr(quotes).starts_with("From ")) line.remove_prefix(1);
        stored += line;
        stored += "\r\n";
    }
    return stored;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Outcome whole = read(text, size + 1, false);
    require(read(text, 1, false) == whole);
    require(read(text, 7, true) == whole);
    if (whole.failure.empty()) check_every_byte(text, whole);
    for (const auto& entry : whole.entries) {
        require(entry.stored == plainly_stored(entry.raw, entry.quoted));
        require(entry.stored.empty() || entry.stored.ends_with("\r\n"));
        for (std::size_t i = 0; i < entry.stored.size(); ++i)
            require(entry.stored[i] != '\n' || (i > 0 && entry.stored[i - 1] == '\r'));
    }
    return 0;
}
