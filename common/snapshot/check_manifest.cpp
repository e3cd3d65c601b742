#include "snapshot/check_manifest.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/file_kind.hpp"
#include "base/interrupt.hpp"
#include "snapshot/archive_contents.hpp"
#include "snapshot/databases.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/run.hpp"
#include "snapshot/source.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_manifest_bytes = std::size_t{1} << 30U;

// What a check of either form asks the manifest and the databases.
class Checker {
protected:
    Checker(const fs::path& root, const Manifest& manifest, const DeviationSink& sink)
        : root_(root),
          manifest_(manifest),
          sink_(sink) {}

    // Size and hash of what was found, which is of the kind that it should be.
    void compare(const FileEntry& file, std::int64_t size_bytes, const Sha256Digest& sha256) const {
        if (size_bytes != file.size_bytes)
            sink_({file.path, fmt::format("{} bytes instead of {}", size_bytes, file.size_bytes)});
        else if (sha256 != file.sha256)
            sink_({file.path, "other contents: the SHA-256 differs"});
    }

    [[nodiscard]] const FileEntry* entry(const std::string& path) const {
        const auto found = std::ranges::lower_bound(manifest_.files, path, {}, &FileEntry::path);
        return found != manifest_.files.end() && found->path == path ? &*found : nullptr;
    }

    // The store whose messages lie below `path`, if its database was copied as one.
    [[nodiscard]] std::optional<MessageStore> store_at(const std::string& path) const {
        std::optional<MessageStore> store;
        if (path == "data/queue") store = queue_messages();
        if (path.starts_with("data/accounts/") && path.ends_with("/msg") && std::ranges::count(path, '/') == 3)
            store = account_messages(std::string_view(path).substr(14, path.size() - 18));
        if (!store) return store;
        const FileEntry* database = entry("data/" + store->database);
        if (database == nullptr || database->stored != Stored::database) store.reset();
        return store;
    }

    // Message files of one folder, ascending, that are not in the manifest: rows must explain them.
    void check_messages(const MessageStore& store, const std::string& path, const std::vector<std::int64_t>& ids) {
        if (ids.empty()) return;
        const auto known = rows_between(store, ids.front(), ids.back());
        for (const auto id : ids) {
            if (std::ranges::binary_search(known, id))
                ++message_files_;
            else
                sink_({fmt::format("{}/{}", path, id), "neither in the manifest nor in a database"});
        }
    }

    void check_count() const {
        if (message_files_ != manifest_.totals.message_files)
            sink_({"data",
                   fmt::format("{} message files instead of {}", message_files_, manifest_.totals.message_files)});
    }

private:
    [[nodiscard]] std::vector<std::int64_t> rows_between(const MessageStore& store, std::int64_t first,
                                                         std::int64_t last) const {
        std::vector<std::int64_t> ids;
        try {
            auto database = open_copy(root_ / "data" / store.database, *store.schema);
            for (const auto& [id] : database.rows<std::int64_t>(store.rows_sql, first, last)) ids.push_back(id);
        } catch (const Error& error) {
            if (error.code() == Errc::interrupted) throw;
            sink_({"data/" + store.database, error.what()});
        }
        return ids;
    }

protected:
    const fs::path& root_;
    const Manifest& manifest_;
    const DeviationSink& sink_;

private:
    std::int64_t message_files_ = 0;
};

class FolderChecker : Checker {
public:
    FolderChecker(const fs::path& root, const Manifest& manifest, const DeviationSink& sink)
        : Checker(root, manifest, sink) {}

    void check() {
        for (const auto& file : manifest_.files) {
            check_interrupt();
            check_file(file);
        }
        walk("");
        check_count();
    }

private:
    void check_file(const FileEntry& file) try {
        const fs::path path = root_ / file.path;
        const auto status = status_of(path);
        if (!status) return sink_({file.path, "missing"});
        FileEntry found;
        if (file.stored == Stored::symlink) {
            if (!S_ISLNK(status->st_mode)) return sink_({file.path, "no symbolic link"});
            const std::string text = fs::read_symlink(path).native();
            found = {.size_bytes = static_cast<std::int64_t>(text.size()), .sha256 = sha256(as_bytes(text))};
        } else {
            if (!S_ISREG(status->st_mode)) return sink_({file.path, "is " + std::string(kind_of(status->st_mode))});
            if (status->st_size == file.size_bytes) found = describe_file(path, file.path, file.stored);
            found.size_bytes = status->st_size;
        }
        compare(file, found.size_bytes, found.sha256);
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        sink_({file.path, error.what()});
    }

    void walk(const std::string& folder) {
        const auto store = store_at(folder);
        for_each_entry(root_ / folder, [&](const DirectoryEntry& item) {
            check_interrupt();
            const std::string path = folder.empty() ? item.name : folder + "/" + item.name;
            if (folder.empty() && (item.name == manifest_name || item.name == incomplete_name ||
                                   item.name == "lost+found" || is_manifest_leftover(item.name)))
                return;
            const auto status = status_of(root_ / path);
            if (!status || entry(path) != nullptr) return;
            if (!S_ISDIR(status->st_mode))
                sink_({path, "not in the manifest"});
            else if (store)
                walk_messages(*store, path, item.name);
            else
                walk(path);
        });
    }

    void walk_messages(const MessageStore& store, const std::string& path, const std::string& folder) {
        std::vector<std::int64_t> ids;
        for_each_entry(root_ / path, [&](const DirectoryEntry& item) {
            const std::string name = path + "/" + item.name;
            if (const auto id = datadir::message_id_of(folder, item.name); id && entry(name) == nullptr)
                ids.push_back(*id);
            else if (entry(name) == nullptr && directory_exists(root_ / name))
                walk(name);
            else if (entry(name) == nullptr)
                sink_({name, "not in the manifest"});
        });
        std::ranges::sort(ids);
        check_messages(store, path, ids);
    }
};

class ArchiveChecker : Checker {
public:
    ArchiveChecker(const ArchiveContents& contents, const fs::path& root, const DeviationSink& sink)
        : Checker(root, *contents.manifest, sink),
          contents_(contents) {}

    void check() {
        for (const auto& file : manifest_.files) check_file(file);
        for (const auto& [path, file] : contents_.files)
            if (entry(path) == nullptr) sink_({path, "not in the manifest"});
        for (const auto& [folder, messages] : contents_.messages) check_store("data/" + folder, messages);
        check_count();
    }

private:
    void check_file(const FileEntry& file) const {
        const bool is_link = file.stored == Stored::symlink;
        if (const auto found = contents_.files.find(file.path); found != contents_.files.end()) {
            if (found->second.is_link != is_link)
                return sink_({file.path, is_link ? "no symbolic link" : "is a symbolic link"});
            return compare(file, found->second.size_bytes, found->second.sha256);
        }
        // Message files are listed where no database explains them.
        const auto place =
            file.path.starts_with("data/") ? message_place(std::string_view(file.path).substr(5)) : std::nullopt;
        if (!place) return sink_({file.path, "missing"});
        const std::string folder =
            place->account.empty() ? "queue" : "accounts/" + std::string(place->account) + "/msg";
        const auto found = contents_.messages_between(folder, place->id, place->id);
        if (found.empty()) return sink_({file.path, "missing"});
        compare(file, found.front().size_bytes, found.front().sha256);
    }

    void check_store(const std::string& folder, const std::vector<ArchivedMessage>& messages) {
        const auto store = store_at(folder);
        for (auto at = messages.begin(); at != messages.end();) {
            check_interrupt();
            const std::string path = folder + "/" + datadir::message_folder(at->id);
            const std::int64_t number = at->id / datadir::ids_per_folder;
            std::vector<std::int64_t> ids;
            for (; at != messages.end() && at->id / datadir::ids_per_folder == number; ++at) {
                const std::string name = fmt::format("{}/{}", path, at->id);
                if (entry(name) != nullptr) continue;
                if (store)
                    ids.push_back(at->id);
                else
                    sink_({name, "not in the manifest"});
            }
            if (store) check_messages(*store, path, ids);
        }
    }

    const ArchiveContents& contents_;
};

}  // namespace

Manifest read_manifest(const fs::path& directory) {
    const fs::path file = directory / manifest_name;
    if (!status_of(file)) {
        if (!directory_exists(directory)) throw Error(Errc::not_found, "no directory " + quote(directory.native()));
        throw Error(Errc::not_found, quote(directory.native()) + " has no " + std::string(manifest_name),
                    status_of(directory / incomplete_name) ? "the snapshot is incomplete: the backup was interrupted"
                                                           : "a snapshot has one");
    }
    return in_context(quote(file.native()), [&] { return parse_manifest(read_file(file, most_manifest_bytes)); });
}

void check_manifest(const fs::path& directory, const DeviationSink& sink) {
    Manifest manifest;
    try {
        manifest = read_manifest(directory);
    } catch (const Error& error) {
        if (error.code() == Errc::interrupted || !directory_exists(directory)) throw;
        sink({std::string(manifest_name), error.what()});
        return;
    }
    FolderChecker(directory, manifest, sink).check();
}

void check_archive(const ArchiveContents& contents, const fs::path& folder, const DeviationSink& sink) {
    if (contents.manifest) ArchiveChecker(contents, folder, sink).check();
}

}  // namespace mox::snapshot
