#include "snapshot/archive_contents.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "archive/reader.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "datadir/layout.hpp"
#include "snapshot/other_files.hpp"
#include "snapshot/source.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_manifest_bytes = std::size_t{1} << 30U;
constexpr std::int64_t small_bytes = std::int64_t{1} << 20U;
constexpr std::size_t most_deviations = 1000;  // of each kind; a broken archive may have millions
constexpr std::uint64_t progress_step = 64;

bool is_database(std::string_view path) {
    return path.ends_with(".db") || is_side_file(path);
}

std::string_view kind_name(archive::Kind kind) {
    switch (kind) {
        case archive::Kind::file:
            return "a file";
        case archive::Kind::folder:
            return "a folder";
        case archive::Kind::symlink:
            return "a symbolic link";
        case archive::Kind::hard_link:
            return "a hard link";
        case archive::Kind::other:
            break;
    }
    return "a device or a pipe";
}

class Unpacking {
public:
    Unpacking(archive::Reader& reader, ArchiveContents& contents, const fs::path& folder, Unpack unpack,
              const ReadProgress& progress)
        : reader_(reader),
          contents_(contents),
          folder_(folder),
          unpack_(unpack),
          progress_(progress) {}

    void run() {
        make_directory(folder_ / "data", {.directory_mode = 0700});
        try {
            while (const auto member = reader_.next()) take(*member);
        } catch (const Error& error) {
            if (error.code() != Errc::corrupt) throw;
            deviate("", error.what());
        }
        report();
        if (!manifest_seen_) deviate(std::string(manifest_name), "missing: the archive is not complete");
        for (auto& [path, messages] : contents_.messages) sort(path, messages);
        // Links come last: nothing is ever written through one.
        for (const auto& [path, target] : links_) make_link(path, target);
    }

private:
    void deviate(std::string path, std::string detail) {
        if (contents_.deviations.size() < most_deviations)
            contents_.deviations.push_back({std::move(path), std::move(detail)});
    }

    void take(const archive::Member& member) {
        if (manifest_seen_) return deviate(member.path, "comes behind the manifest, which is the last");
        if (member.path == manifest_name && member.kind == archive::Kind::file) return take_manifest();
        const bool is_top = member.path == "data" || member.path == "config" || member.path == ".";
        const std::string_view problem = path_problem(member.path);
        if (!problem.empty() && !(is_top && member.kind == archive::Kind::folder))
            return deviate(member.path, "cannot be the name of a file of a snapshot: " + std::string(problem));
        if (member.path == "data") contents_.owner = member.user;
        if (member.kind == archive::Kind::folder) return take_folder(member);
        const bool is_data = member.path.starts_with("data/");
        const auto place = is_data ? message_place(std::string_view(member.path).substr(5)) : std::nullopt;
        const bool may_be_link = !is_data && member.kind == archive::Kind::symlink;
        if (member.kind != archive::Kind::file && !may_be_link)
            return deviate(member.path, fmt::format("is {}, which no snapshot has here", kind_name(member.kind)));
        if (place)
            take_message(member, *place);
        else
            take_file(member);
    }

    void take_manifest() {
        manifest_seen_ = true;
        std::string text;
        read([&](std::span<const std::byte> bytes) {
            text += as_text(bytes);
            if (text.size() > most_manifest_bytes) throw Error(Errc::corrupt, "manifest.json is too large");
        });
        try {
            contents_.manifest = parse_manifest(text);
        } catch (const Error& error) {
            deviate(std::string(manifest_name), error.what());
        }
    }

    void take_folder(const archive::Member& member) {
        if (member.path == ".") return;
        check_owner(member);
        unpacking(member.path, [&] {
            make_directories(folder_ / member.path, {.directory_mode = 0700});
            if (::chmod((folder_ / member.path).c_str(), (member.mode & 0777) | 0700) != 0)
                throw system_error(errno, "change mode of", member.path);
        });
    }

    void take_message(const archive::Member& member, const MessagePlace& place) {
        ArchivedMessage message{
            .id = place.id, .user = member.user, .mode = static_cast<std::uint16_t>(member.mode & 07777)};
        read([&](std::span<const std::byte> bytes) {
            hash_.update(bytes);
            message.size_bytes += static_cast<std::int64_t>(bytes.size());
        });
        message.sha256 = hash_.finish();
        const std::string store = place.account.empty() ? "queue" : "accounts/" + std::string(place.account) + "/msg";
        contents_.messages[store].push_back(message);
        bytes_ += static_cast<std::uint64_t>(message.size_bytes);
        if (++messages_ % progress_step == 0) report();
    }

    void take_file(const archive::Member& member) {
        ArchivedFile file{.is_link = member.kind == archive::Kind::symlink};
        const auto [entry, is_new] = contents_.files.try_emplace(member.path);
        if (!is_new) return deviate(member.path, "comes twice");
        check_owner(member);
        if (file.is_link) {
            file.size_bytes = static_cast<std::int64_t>(member.link_target.size());
            file.sha256 = sha256(as_bytes(member.link_target));
            links_.emplace_back(member.path, member.link_target);
        } else {
            copy_out(member, file);
        }
        entry->second = file;
    }

    void copy_out(const archive::Member& member, ArchivedFile& file) {
        const bool whole =
            unpack_ == Unpack::everything || is_database(member.path) || member.size_bytes.value_or(0) <= small_bytes;
        const fs::path target = folder_ / member.path;
        UniqueFd out;
        unpacking(member.path, [&] {
            make_directories(target.parent_path(), {.directory_mode = 0700});
            out = create_file(target, {.file_mode = static_cast<mode_t>((member.mode & 0777) | 0600)});
        });
        read([&](std::span<const std::byte> bytes) {
            hash_.update(bytes);
            file.size_bytes += static_cast<std::int64_t>(bytes.size());
            if (out && whole) write_all(out.get(), bytes, target);
        });
        file.sha256 = hash_.finish();
        const timespec times[2] = {{.tv_sec = member.modified, .tv_nsec = 0},
                                   {.tv_sec = member.modified, .tv_nsec = 0}};
        if (out) (void)::futimens(out.get(), times);  // for people; nothing depends on it
    }

    // What cannot be made because of what the archive has at its place (a file for a folder) is the archive's fault.
    template <class Work>
    void unpacking(const std::string& path, Work&& work) try {
        work();
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        if (error.code() == Errc::no_space) throw;
        deviate(path, std::string("does not go together with the rest: ") + error.what());
    }

    void make_link(const std::string& path, const std::string& target) {
        if (unpack_ != Unpack::everything) return;
        unpacking(path, [&] {
            make_directories((folder_ / path).parent_path(), {.directory_mode = 0700});
            if (::symlink(target.c_str(), (folder_ / path).c_str()) != 0)
                throw system_error(errno, "create link", path);
        });
    }

    template <class Take>
    void read(Take&& take_bytes) {
        while (const std::size_t count = reader_.read(buffer_))
            take_bytes(std::span<const std::byte>(buffer_).first(count));
    }

    void check_owner(const archive::Member& member) {
        if (member.user != contents_.owner && contents_.other_owners.size() < most_deviations)
            contents_.other_owners.push_back(member.path);
    }

    void sort(const std::string& folder, std::vector<ArchivedMessage>& messages) {
        std::ranges::stable_sort(messages, {}, &ArchivedMessage::id);
        const auto same = [](const auto& a, const auto& b) { return a.id == b.id; };
        for (auto at = std::ranges::adjacent_find(messages, same); at != messages.end();
             at = std::adjacent_find(at + 1, messages.end(), same))
            deviate(fmt::format("data/{}/{}", folder, datadir::message_path(at->id)), "comes twice");
        messages.erase(std::unique(messages.begin(), messages.end(), same), messages.end());
        messages.shrink_to_fit();
    }

    void report() {
        if (progress_ && messages_ > reported_) progress_(messages_ - reported_, bytes_ - reported_bytes_);
        reported_ = messages_;
        reported_bytes_ = bytes_;
    }

    archive::Reader& reader_;
    ArchiveContents& contents_;
    const fs::path& folder_;
    const Unpack unpack_;
    const ReadProgress& progress_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(256 * 1024);
    Sha256 hash_;
    bool manifest_seen_ = false;
    std::vector<std::pair<std::string, std::string>> links_;  // path and target
    std::uint64_t messages_ = 0, bytes_ = 0, reported_ = 0, reported_bytes_ = 0;
};

}  // namespace

std::span<const ArchivedMessage> ArchiveContents::messages_between(std::string_view folder, std::int64_t first,
                                                                   std::int64_t last) const {
    const auto found = messages.find(folder);
    if (found == messages.end()) return {};
    const auto begin = std::ranges::lower_bound(found->second, first, {}, &ArchivedMessage::id);
    const auto end = std::ranges::upper_bound(begin, found->second.end(), last, {}, &ArchivedMessage::id);
    return {begin, end};
}

ArchiveContents read_archive(archive::Reader& reader, std::string name, const fs::path& folder, Unpack unpack,
                             const ReadProgress& progress) {
    ArchiveContents contents{.name = std::move(name)};
    Unpacking(reader, contents, folder, unpack, progress).run();
    return contents;
}

}  // namespace mox::snapshot
