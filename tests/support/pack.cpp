#include "support/pack.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "support/run_program.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

std::string hex(std::string_view text) {
    return to_hex(as_bytes(text));
}

std::string_view name_of(PackedMember::Kind kind) {
    switch (kind) {
        case PackedMember::Kind::folder:
            return "folder";
        case PackedMember::Kind::symlink:
            return "symlink";
        case PackedMember::Kind::hard_link:
            return "hard_link";
        case PackedMember::Kind::fifo:
            return "fifo";
        case PackedMember::Kind::file:
            break;
    }
    return "file";
}

}  // namespace

void pack(const fs::path& archive, const std::vector<PackedMember>& members) {
    const fs::path list = archive.native() + ".members";
    {
        std::ofstream out(list);
        for (const auto& member : members)
            out << nlohmann::json{{"path", hex(member.path)},     {"contents", hex(member.contents)},
                                  {"target", hex(member.target)}, {"kind", name_of(member.kind)},
                                  {"zeros", member.zeros},        {"modified", member.modified},
                                  {"encrypted", member.encrypted}}
                << '\n';
    }
    const auto done = run_program({"python3", MOX_SOURCE_DIR "/tests/support/pack_archive.py", archive.native()},
                                  {.redirection = "<" + shell_word(list.native())});
    fs::remove(list);
    if (done.exit_code != 0) throw std::runtime_error("pack_archive.py: " + done.err);
}

std::vector<PackedMember> members_below(const fs::path& root, const std::string& prefix) {
    std::vector<PackedMember> members;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        struct stat status = {};
        if (::stat(entry.path().c_str(), &status) != 0) throw std::runtime_error("stat " + entry.path().native());
        PackedMember member{.path = prefix + entry.path().native().substr(root.native().size() + 1),
                            .modified = status.st_mtime};
        if (entry.is_directory())
            member.kind = PackedMember::Kind::folder;
        else
            member.contents = read_file(entry.path());
        members.push_back(std::move(member));
    }
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return members;
}

}  // namespace mox::test
