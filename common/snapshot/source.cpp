#include "snapshot/source.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/file_kind.hpp"
#include "base/interrupt.hpp"
#include "datadir/layout.hpp"
#include "snapshot/check_manifest.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/run.hpp"
#include "snapshot/series.hpp"
#include "snapshot/unpacked_archive.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

void read_pieces(const fs::path& file, const std::function<void(std::span<const std::byte>)>& sink) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) throw system_error(errno, "open", file.native());
    std::vector<std::byte> buffer(64 * 1024);
    while (const std::size_t count = read_full(fd.get(), buffer, file)) sink(std::span(buffer).first(count));
}

// A snapshot, or a data directory, as a folder.
class FolderSource final : public Source {
public:
    FolderSource(fs::path path, std::optional<Manifest> manifest)
        : path_(std::move(path)),
          manifest_(std::move(manifest)),
          data_(manifest_ ? path_ / "data" : path_),
          config_(manifest_ && directory_exists(path_ / "config") ? path_ / "config" : fs::path()) {}

    const fs::path& path() const override { return path_; }
    const Manifest* manifest() const override { return manifest_ ? &*manifest_ : nullptr; }
    const fs::path& data() const override { return data_; }
    const fs::path& config() const override { return config_; }
    bool has_message_files() const override { return true; }
    void check_manifest(const DeviationSink& sink) const override {
        if (manifest_) snapshot::check_manifest(path_, sink);
    }

    void read_messages(const Wanted& wanted, const Visit& visit) override {
        const datadir::Layout layout(data_);
        for (const auto& account : datadir::account_names(layout))
            if (!visit_folders("accounts/" + account + "/msg", wanted, visit)) return;
        (void)visit_folders("queue", wanted, visit);
    }

private:
    bool visit_folders(const std::string& top, const Wanted& wanted, const Visit& visit) const {
        if (!directory_exists(data_ / top)) return true;
        for (const auto& folder : list_directory(data_ / top)) {
            if (!datadir::first_id_of(folder.name) || !directory_exists(data_ / top / folder.name)) continue;
            const std::string path = top + "/" + folder.name;
            std::vector<std::int64_t> ids;
            for_each_entry(data_ / path, [&](const DirectoryEntry& entry) {
                if (const auto id = datadir::message_id_of(folder.name, entry.name)) ids.push_back(*id);
            });
            std::ranges::sort(ids);
            for (const auto id : ids)
                if (!visit_one(path + "/" + std::to_string(id), wanted, visit)) return false;
        }
        return true;
    }
    bool visit_one(const std::string& path, const Wanted& wanted, const Visit& visit) const {
        check_interrupt();
        if (!wanted(path)) return true;
        const auto status = status_of(data_ / path);
        if (!status || !S_ISREG(status->st_mode)) return true;
        return visit({.path = path, .size_bytes = status->st_size, .read = [&](const auto& sink) {
                          read_pieces(data_ / path, sink);
                      }});
    }

    fs::path path_;
    std::optional<Manifest> manifest_;
    fs::path data_, config_;
};

std::unique_ptr<Source> open_snapshot(const fs::path& path) {
    Manifest manifest = read_manifest(path);
    return std::make_unique<FolderSource>(path, std::move(manifest));
}

std::unique_ptr<Source> open_newest(const fs::path& path) {
    const auto entries = list_series(path);
    const auto newest = std::ranges::find(entries.rbegin(), entries.rend(), SeriesState::complete, &SeriesEntry::state);
    if (newest != entries.rend()) return open_snapshot(path / newest->name);
    throw Error(Errc::not_found, quote(path.native()) + " has no complete snapshot",
                entries.empty() ? "mox-backup makes them"
                                : "one with problems can be given by its own name: " +
                                      quote((path / entries.back().name).native()));
}

}  // namespace

std::unique_ptr<Source> open_source(const fs::path& given, const fs::path& scratch) {
    const fs::path path = given.has_filename() || !given.has_relative_path() ? given : given.parent_path();
    const std::string name = quote(path.native());
    if (!directory_exists(path)) {
        struct stat status = {};
        if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return open_archive(path, scratch);
        if (status.st_mode != 0)
            throw Error(Errc::unknown_format,
                        name + " is " + std::string(kind_of(status.st_mode)) + ", not a snapshot");
        throw Error(Errc::not_found, "no snapshot " + name);
    }
    if (status_of(path / manifest_name) || status_of(path / incomplete_name)) return open_snapshot(path);
    if (is_series(path)) return open_newest(path);
    switch (datadir::detect_format(path)) {
        case datadir::Format::ours:
            return std::make_unique<FolderSource>(datadir::open(path).root(), std::nullopt);
        case datadir::Format::original:
            throw Error(Errc::unknown_format, name + " is a data directory of the original mox",
                        "convert it first; its own program restores it");
        case datadir::Format::empty:
        case datadir::Format::other:
            break;
    }
    if (directory_exists(path / "data")) return open_snapshot(path);  // says what is missing
    throw Error(Errc::unknown_format, name + " is not a snapshot",
                "a snapshot has manifest.json and the folder 'data'; mox-backup makes one");
}

db::Untouched open_database(const Source& source, const std::string& path, const db::Schema& schema,
                            const fs::path& scratch) {
    db::Untouched opened(source.data() / path, scratch);
    db::require_kind(opened.database(), schema);
    return opened;
}

std::string database_trouble(const Source& source, const std::string& path) {
    if (source.manifest() == nullptr) return {};
    const std::string listed = "data/" + path;
    const auto& files = source.manifest()->files;
    const auto entry = std::ranges::lower_bound(files, listed, {}, &FileEntry::path);
    if (entry == files.end() || entry->path != listed) return "is not in the manifest";
    if (entry->stored == Stored::raw) return "could not be read as a database when the snapshot was made";
    const FileEntry found = describe_file(source.data() / path, listed, entry->stored);
    return found == *entry ? "" : "has other contents than the manifest says";
}

std::optional<MessagePlace> message_place(std::string_view path) {
    MessagePlace place;
    if (path.starts_with("accounts/")) {
        path.remove_prefix(9);
        const auto end = path.find('/');
        if (end == std::string_view::npos || !path.substr(end).starts_with("/msg/")) return std::nullopt;
        place.account = path.substr(0, end);
        path.remove_prefix(end + 5);
    } else if (path.starts_with("queue/")) {
        path.remove_prefix(6);
    } else {
        return std::nullopt;
    }
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto id = datadir::message_id_of(path.substr(0, slash), path.substr(slash + 1));
    if (!id) return std::nullopt;
    place.id = *id;
    return place;
}

}  // namespace mox::snapshot
