#include "intake/mailbox_names.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "mime/charset.hpp"
#include "model/mailbox_name.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t room_for_suffix = 30;

void note(std::vector<std::string>& changes, std::string_view what) {
    if (std::find(changes.begin(), changes.end(), what) == changes.end()) changes.emplace_back(what);
}

std::string hash_suffix(std::string_view text) {
    const std::uint64_t hash = xxh3_64(text);
    return "-" + to_hex(std::as_bytes(std::span(&hash, 1)).first(4));
}

// One part with what no mailbox may have as '_'.
std::string repaired_part(std::string_view part, std::vector<std::string>& changes) {
    std::string text(part);
    if (!is_utf8(part)) {
        text = mime::guess_utf8(part);
        note(changes, "not UTF-8, read as Windows-1252");
    }
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(std::string_view(text).substr(i)), 1);
        const std::string character = text.substr(i, length);
        i += length;
        // Behind a letter, so that only the character itself can be the problem.
        const bool plain = length == 1 && character[0] >= ' ' && character[0] < 0x7f;
        const bool allowed =
            character != "/" && (plain || model::mailbox_name_problem(mime::nfc("a" + character)).empty());
        if (!allowed)
            note(changes, character == "/" ? "a slash in a part of the name" : "a character that is not allowed");
        result += allowed ? character : "_";
    }
    if (result.empty() || result == "." || result == "..") {
        note(changes, "a part that is not allowed");
        result = result.empty() ? "_" : std::string(result.size(), '_');
    }
    return result;
}

std::string cut(std::string name, std::size_t size) {
    if (name.size() <= size) return name;
    while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xc0U) == 0x80) --size;
    name.resize(size);
    return name;
}

std::string joined_name(const FolderName& folder, std::vector<std::string>& changes) {
    std::string name;
    std::size_t depth = 0;
    for (const auto& part : folder) {
        if (!name.empty()) name += depth < model::max_mailbox_depth ? "/" : "_";
        name += repaired_part(part, changes);
        if (++depth == model::max_mailbox_depth + 1) note(changes, "nested too deep");
    }
    if (name.starts_with('#')) {
        note(changes, "a '#' at the start");
        name[0] = '_';
    }
    if (name.size() > model::max_mailbox_name_bytes - room_for_suffix) {
        note(changes, "too long");
        const std::string suffix = hash_suffix(name);
        name = cut(std::move(name), model::max_mailbox_name_bytes - room_for_suffix);
        while (name.ends_with('/')) name.pop_back();
        name += suffix;
    }
    name = model::normalised_mailbox_name(name);
    // Nothing known is left that could be wrong; whatever it is, the mail gets a place.
    if (!model::mailbox_name_problem(name).empty()) {
        note(changes, std::string(model::mailbox_name_problem(name)));
        name = "Imported" + hash_suffix(name);
    }
    return name;
}

}  // namespace

MailboxNames::Mapped MailboxNames::map(const FolderName& folder) {
    Mapped mapped;
    mapped.mailbox = folder.empty() ? std::string(model::inbox_name) : joined_name(folder, mapped.changes);
    const bool repaired = !mapped.changes.empty();
    const auto [owner, is_new] = owners_.try_emplace(mapped.mailbox, Owner{folder, repaired});
    if (is_new || owner->second.folder == folder) return mapped;
    if (!repaired && !owner->second.repaired) {
        note(mapped.changes, "shares its mailbox with another folder");
        return mapped;
    }
    note(mapped.changes, "another folder has the name");
    const auto [number, first_time] = numbered_.try_emplace(folder);
    if (first_time) number->second = numbered(mapped.mailbox, folder);
    mapped.mailbox = number->second;
    return mapped;
}

// The next free name; each is looked at once, however many folders want it.
std::string MailboxNames::numbered(const std::string& wanted, const FolderName& folder) {
    int& last = last_number_.try_emplace(wanted, 1).first->second;
    for (;;) {
        std::string name = wanted + " (" + std::to_string(++last) + ")";
        if (owners_.try_emplace(name, Owner{folder, true}).second) return name;
    }
}

}  // namespace mox::intake
