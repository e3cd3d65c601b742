#include <sys/stat.h>
#include <unistd.h>

#include "kinds.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

const std::string& any(const std::vector<std::string>& from, Random& random) {
    return from[random.below(from.size())];
}

using Change = std::function<bool(Subject&, const std::string& path, Random&)>;

// One message's file, changed; false when that one cannot be changed so.
Kind of_message(std::string name, Change change, bool needs_contents = false, std::string check = {}) {
    return {.group = "message files",
            .name = std::move(name),
            .inflict = [change, check](Subject& subject, Random& random) -> std::optional<Fault> {
                for (int attempt = 0; attempt < 100; ++attempt) {
                    const std::string path = any(subject.message_files(), random);
                    if (change(subject, path, random)) return Fault{.what = path, .paths = {path}, .check = check};
                    subject.restore();
                }
                return std::nullopt;
            },
            .needs_contents = needs_contents};
}

Change edit(std::function<void(std::string&, Random&)> change) {
    return [change](Subject& subject, const std::string& path, Random& random) {
        std::string bytes = subject.bytes(path);
        const std::string before = bytes;
        if (bytes.empty()) return false;
        change(bytes, random);
        if (bytes == before) return false;
        subject.write(path, bytes);
        return true;
    };
}

// Two files of the same size with other contents.
std::optional<Fault> swap_two(Subject& subject, Random& random) {
    std::map<std::uintmax_t, std::vector<std::string>> by_size;
    for (const auto& path : subject.message_files()) by_size[fs::file_size(subject.work() / path)].push_back(path);
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [size, paths] : by_size)
        for (std::size_t i = 1; i < paths.size(); ++i)
            if (subject.bytes(paths[i - 1]) != subject.bytes(paths[i])) pairs.emplace_back(paths[i - 1], paths[i]);
    if (pairs.empty()) return std::nullopt;
    const auto& [one, other] = pairs[random.below(pairs.size())];
    const std::string bytes = subject.bytes(one);
    subject.write(one, subject.bytes(other));
    subject.write(other, bytes);
    return Fault{.what = one + " and " + other, .paths = {one, other}};
}

std::optional<Fault> stray(Subject& subject, Random& random, const std::string& name) {
    const std::string path = fs::path(any(subject.message_files(), random)).parent_path() / name;
    if (fs::exists(subject.work() / path)) return std::nullopt;
    subject.write(path, "stray");
    return Fault{.what = path, .paths = {path}, .check = "stray-file"};
}

std::optional<Fault> change_manifest(Subject& subject, Random& random) {
    std::string bytes = subject.bytes("manifest.json");
    const auto at = random.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(7)));
    subject.write("manifest.json", bytes);
    return Fault{.what = "byte " + std::to_string(at), .paths = {"manifest.json"}, .check = "manifest"};
}

}  // namespace

std::vector<Kind> file_kinds() {
    using Bytes = std::string;
    std::vector<Kind> kinds{
        of_message("flip one bit", edit([](Bytes& bytes, Random& random) {
                       char& byte = bytes[random.below(bytes.size())];
                       byte = static_cast<char>(byte ^ (1 << random.below(8)));
                   }),
                   true, "message-hash"),
        of_message("flip one byte", edit([](Bytes& bytes, Random& random) {
                       char& byte = bytes[random.below(bytes.size())];
                       byte = static_cast<char>(byte ^ static_cast<char>(1 + random.below(255)));
                   }),
                   true, "message-hash"),
        of_message("zero 4 KiB", edit([](Bytes& bytes, Random& random) {
                       const auto at = random.below(bytes.size() / 4096 + 1) * 4096;
                       for (auto i = at; i < std::min(bytes.size(), at + 4096); ++i) bytes[i] = '\0';
                   }),
                   true, "message-hash"),
        of_message("truncate", edit([](Bytes& bytes, Random& random) { bytes.resize(random.below(bytes.size())); })),
        of_message("append a byte", edit([](Bytes& bytes, Random&) { bytes += '\n'; })),
        of_message("delete",
                   [](Subject& subject, const Bytes& path, Random&) { return fs::remove(subject.change(path)); }),
        of_message("replace by another message's file",
                   [](Subject& subject, const Bytes& path, Random& random) {
                       const Bytes other = subject.bytes(any(subject.message_files(), random));
                       if (other == subject.bytes(path)) return false;
                       subject.write(path, other);
                       return true;
                   }),
        {.group = "message files", .name = "swap two of the same size", .inflict = swap_two, .needs_contents = true},
        of_message("change the mode", [](Subject& subject, const Bytes& path,
                                         Random&) { return ::chmod(subject.change(path).c_str(), 0666) == 0; }),
        of_message("turn into a folder",
                   [](Subject& subject, const Bytes& path, Random&) {
                       return fs::remove(subject.change(path)) && fs::create_directory(subject.change(path));
                   }),
        of_message("turn into a link",
                   [](Subject& subject, const Bytes& path, Random&) {
                       // To a copy with the same contents.
                       const Bytes away = "data/tmp/away";
                       fs::copy_file(subject.work() / path, subject.change(away));
                       fs::remove(subject.change(path));
                       fs::create_symlink(subject.work() / away, subject.change(path));
                       return true;
                   }),
        {.group = "message files",
         .name = "stray file with the name of an id",
         .inflict = [](Subject& subject,
                       Random& random) { return stray(subject, random, std::to_string(7000 + random.below(1000))); }},
        {.group = "message files",
         .name = "stray file with another name",
         .inflict = [](Subject& subject,
                       Random& random) { return stray(subject, random, "x" + std::to_string(random.below(1000))); }},
        {.group = "snapshot",
         .name = "manifest: flip one bit",
         .inflict = change_manifest,
         .as = Subject::As::snapshot},
    };
    if (::geteuid() == 0)
        kinds.push_back(of_message("change the owner", [](Subject& subject, const Bytes& path, Random&) {
            return ::chown(subject.change(path).c_str(), 12'345, 12'345) == 0;
        }));
    return kinds;
}

}  // namespace mox::test
