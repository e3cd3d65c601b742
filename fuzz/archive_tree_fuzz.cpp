// Whatever the members of an archive are called, each message has a place in a folder that was found, hard links come
// once, and every folder gets a name that a mailbox may have.
//
// Lines of the input are members: "d PATH", "l PATH<tab>TARGET", "f PATH<tab>CONTENTS".

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "archive/format.hpp"
#include "intake/archive_index.hpp"
#include "intake/mailbox_names.hpp"
#include "model/mailbox_name.hpp"
#include "require.hpp"

namespace {

using namespace mox;
using namespace mox::intake;

using mox::fuzz::require;

struct Line {
    char kind;
    std::string path, rest;
};

std::vector<Line> lines_of(std::string_view text) {
    std::vector<Line> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.size() < 3) continue;
        const auto tab = std::min(line.find('\t'), line.size());
        Line member{line[0], std::string(line.substr(2, tab < 2 ? 0 : tab - 2)),
                    std::string(line.substr(std::min(tab + 1, line.size())))};
        std::replace(member.rest.begin(), member.rest.end(), '\t', '\n');
        // As whoever reads an archive does.
        if (archive::path_problem(member.path).empty()) lines.push_back(std::move(member));
    }
    return lines;
}

ArchiveIndex index_of(const std::vector<Line>& lines) {
    ArchiveIndex index;
    Warnings warnings;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Line& line = lines[i];
        std::size_t at = 0;
        const ArchiveIndex::Read read = [&](std::size_t most) {
            const auto piece = std::string_view(line.rest).substr(at, std::min<std::size_t>(most, 7));
            at += piece.size();
            return piece;
        };
        if (line.kind == 'd')
            index.add_folder(line.path);
        else if (line.kind == 'l')
            index.add_link(line.path, line.rest);
        else
            index.add_file(i, line.path, read, warnings);
    }
    index.finish(warnings);
    require(warnings.count >= warnings.list.size());
    return index;
}

void check_folders(const ArchiveIndex& index) {
    MailboxNames names;
    std::map<std::string, FolderName> seen;
    for (std::size_t i = 0; i < index.folders().size(); ++i) {
        const auto mapped = names.map(index.folders()[i].name);
        require(model::mailbox_name_problem(mapped.mailbox).empty());
        (void)index.details(i).uids.uid_of("x");
        // Names that were changed lead to mailboxes of their own.
        const auto [owner, is_new] = seen.try_emplace(mapped.mailbox, index.folders()[i].name);
        if (!is_new && owner->second != index.folders()[i].name) require(!mapped.changes.empty());
    }
}

bool has_place(const ArchiveIndex& index, const ArchiveIndex::Place& place, const std::string& path) {
    if (place.role == ArchiveIndex::Role::nothing) return false;
    require(place.folder < index.folders().size());
    const std::string padded = '/' + path;
    if (place.role == ArchiveIndex::Role::maildir_message)
        require(padded.find("/cur/") != std::string::npos || padded.find("/new/") != std::string::npos);
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto lines = lines_of({reinterpret_cast<const char*>(data), size});
    ArchiveIndex index = index_of(lines);
    check_folders(index);
    std::size_t links = 0, taken = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Line& line = lines[i];
        if (line.kind == 'd') continue;
        if (line.kind == 'l') {
            links += has_place(index, index.place_of_link(line.path), line.path) ? 1U : 0U;
            continue;
        }
        (void)has_place(index, index.place_of(i, line.path), line.path);
        for (const auto& path : index.take_links_to(line.path))
            taken += has_place(index, index.place_of_link(path), path) ? 1U : 0U;
        require(index.take_links_to(line.path).empty());
    }
    while (const auto link = index.take_dangling_link())
        taken += has_place(index, index.place_of_link(link->first), link->first) ? 1U : 0U;
    require(taken == links);
    return 0;
}
