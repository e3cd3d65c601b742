#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "intake/message.hpp"
#include "model/flags.hpp"

// What mox-export notes beside a message, so that reading it back gives the very same message (docs/exporting.md).
// common/outlet writes it, the readers of this folder understand it.
//
// In an mbox the first line of such an entry is the field X-Mox-Export. Then every field that programs add to messages
// of an mbox (Status and the like) was added and is not part of the message; a field of that name that is part of it
// has "X-Mox-Kept-" in front. In a maildir the note is in the name of the file.

namespace mox::intake {

inline constexpr std::string_view export_field = "X-Mox-Export";
inline constexpr std::string_view kept_prefix = "X-Mox-Kept-";
// In a maildir: keywords that have no letter, lines "<name before ":2,"> <keyword> …".
inline constexpr std::string_view keywords_overflow_file = "mox-keywords";

struct ExportNote {
    Timestamp received;
    bool exact = false;     // the bytes are to be taken as they are: lines end in various ways
    bool open_end = false;  // with `exact`, in an mbox: the last line had no end, and LF was added
};

// Reads the text of keywords_overflow_file: keywords by base name of the file. Lines without any are ignored.
using MoreKeywords = std::unordered_map<std::string, model::Keywords>;
[[nodiscard]] MoreKeywords parse_more_keywords(std::string_view text);

// The field without line end, and the reverse, which also takes a line end. Nullopt for any other line.
[[nodiscard]] std::string to_field(const ExportNote& note);
[[nodiscard]] std::optional<ExportNote> note_of_field(std::string_view line);

// Fields after a comma in the base name of a maildir's file, "" for none: ",N=<nanoseconds>,O=<minutes>,T=<seconds>"
// where needed, and ",X=1" with `exact`. `told_seconds`: what a reader of the name's first number would take.
[[nodiscard]] std::string to_name_fields(const ExportNote& note, std::optional<std::int64_t> told_seconds);
// The reverse for a whole base name. Nullopt unless it is a name that mox-export gave (host "mox").
[[nodiscard]] std::optional<ExportNote> note_of_file_name(std::string_view base);

// The line without its end: LF, and CR before it.
[[nodiscard]] std::string_view without_line_end(std::string_view line);
// Whether the line starts a field that programs add to messages of an mbox, X-Mox-Export included.
[[nodiscard]] bool is_annotation(std::string_view line);
// Whether the line is "From " after any number of ">".
[[nodiscard]] bool is_from_line(std::string_view line);

// Adds what the unfolded annotation says. Keywords are taken literally: only the names of IMAP are flags. Returns how
// many keywords were left out because of max_keywords_per_message.
std::size_t add_annotation(model::FlagsAndKeywords& to, std::string_view field);
void add_literal_name(model::FlagsAndKeywords& to, std::string_view name);

// Whether an entry of an mbox, without its From line, was written by mox-export.
[[nodiscard]] bool is_exported_entry(std::string_view text);
// convert() for such an entry, without a word about odd contents: they are as they were. The date is that of the note.
// `quoted`: undo mboxrd quoting, which only another program can have undone before.
[[nodiscard]] Metadata convert_exported(Metadata&& known, std::string_view text, bool quoted, const Sink& sink);

}  // namespace mox::intake
