#include "check/message_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "snapshot/archive_contents.hpp"

namespace mox::check {

namespace {

constexpr auto ids_per_folder = static_cast<std::size_t>(datadir::ids_per_folder);
constexpr std::size_t hashes_per_task = 256;
// "readme" is the name of a folder, too, for ids that no account comes to.
constexpr std::int64_t largest_plausible_id = std::int64_t{1} << 37;
constexpr std::string_view way_back = "mox-restore --message brings single messages back from a snapshot";

// One name of a file, if there is one.
struct Slot {
    mode_t mode = 0;  // 0: nothing is there
    bool readable = true;
    ino_t inode = 0;
    std::int64_t size_bytes = 0;
};

bool may_read(int folder, const char* name, const struct stat& status) {
    const uid_t user = ::geteuid();
    if (user == 0 || (status.st_uid == user && (status.st_mode & S_IRUSR) != 0)) return true;
    return ::faccessat(folder, name, R_OK, AT_EACCESS) == 0;
}

int open_contents(int folder, const char* name) {
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
#ifdef O_NOATIME
    // Reading leaves no trace where the system lets us say so: only the owner may.
    if (const int fd = ::openat(folder, name, flags | O_NOATIME); fd >= 0 || errno != EPERM) return fd;
#endif
    return ::openat(folder, name, flags);
}

Slot slot_at(int folder, const char* name) {
    struct stat status = {};
    if (folder < 0 || ::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    return {.mode = status.st_mode,
            .readable = !S_ISREG(status.st_mode) || may_read(folder, name, status),
            .inode = status.st_ino,
            .size_bytes = status.st_size};
}

// The same folder of a directory whose files need not be read.
class TrustedFolder {
public:
    TrustedFolder(const std::filesystem::path& directory, const std::string& path, int folder) {
        if (directory.empty()) return;
        fd_ = UniqueFd(::open((directory / path).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        struct stat ours = {}, theirs = {};
        if (!fd_ || ::fstat(folder, &ours) != 0 || ::fstat(fd_.get(), &theirs) != 0 || ours.st_dev != theirs.st_dev)
            fd_.reset();
    }
    [[nodiscard]] bool has(std::int64_t id, ino_t inode) const {
        struct stat status = {};
        return fd_ && ::fstatat(fd_.get(), std::to_string(id).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
               status.st_ino == inode;
    }

private:
    UniqueFd fd_;
};

void report(Scope& scope, const std::string& path, const Slot& file, const ExpectedFile& expected) {
    using State = ExpectedFile::State;
    if (file.mode == 0) {
        if (expected.state == State::needed) scope.add("message-file", path, "is missing", std::string(way_back));
    } else if (expected.state == State::none) {
        scope.add("stray-file", path, fmt::format("is {} that no message explains", kind_of(file.mode)));
    } else if (!S_ISREG(file.mode)) {
        scope.add("message-file", path, fmt::format("is {}, not the file of a message", kind_of(file.mode)));
    } else if (expected.state == State::needed && !file.readable) {
        scope.add("message-file", path, "cannot be read: permission denied");
    } else if (expected.state == State::needed && file.size_bytes != expected.size_bytes) {
        scope.add("message-size", path,
                  fmt::format("has {} bytes, should have {}", file.size_bytes, expected.size_bytes));
    }
}

void report_other_contents(Scope& scope, const std::string& path) {
    scope.add("message-hash", path, "has other contents than were stored", std::string(way_back));
}

}  // namespace

struct MessageTree::Found {
    std::int64_t number = 0;
    std::string path;
    UniqueFd folder;         // empty: not there
    bool is_usable = false;  // false: something that is no folder is in the way
    std::vector<Slot> slots;
    std::span<const snapshot::ArchivedMessage> archived;  // ascending

    [[nodiscard]] std::int64_t id_of(std::size_t slot) const {
        return number * datadir::ids_per_folder + static_cast<std::int64_t>(slot);
    }
    [[nodiscard]] std::string path_of(std::size_t slot) const { return fmt::format("{}/{}", path, id_of(slot)); }
};

MessageTree::MessageTree(Scope& scope, std::string path, std::function<ExpectedFile(std::int64_t)> look_again)
    : scope_(scope),
      path_(std::move(path)),
      look_again_(std::move(look_again)) {
    top_ = open_folder(scope_, scope_.run().root.get(), path_.c_str(), path_);
    struct stat status = {};
    usable_ = top_ || ::fstatat(scope_.run().root.get(), path_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0;
}

std::vector<std::int64_t> MessageTree::folders(const std::function<bool(std::string_view)>& is_known) {
    std::vector<std::int64_t> numbers;
    if (const auto* archive = scope_.run().options.archive)
        if (const auto found = archive->messages.find(path_); found != archive->messages.end())
            for (const auto& message : found->second)
                if (const auto number = message.id / datadir::ids_per_folder;
                    numbers.empty() || numbers.back() != number)
                    numbers.push_back(number);
    if (!top_) return numbers;
    for_each_entry_of(scope_, top_.get(), path_, [&](const char* name) {
        const auto first_id = datadir::first_id_of(name);
        struct stat status = {};
        const auto is_folder = [&] {
            return ::fstatat(top_.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
        };
        if (first_id && (*first_id < largest_plausible_id || is_folder())) {
            numbers.push_back(*first_id / datadir::ids_per_folder);
            return;
        }
        if (is_known(name) || ::fstatat(top_.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
        const std::string path = path_ + "/" + name;
        if (S_ISDIR(status.st_mode))
            scope_.add("stray-file", path, "is a folder that no message id leads to");
        else
            scope_.add("unknown-file", path, fmt::format("is {} that does not belong here", kind_of(status.st_mode)));
    });
    return numbers;
}

// Takes the files of an archive for files of the folder.
void MessageTree::scan_archive(Found& found) {
    const auto* archive = scope_.run().options.archive;
    if (archive == nullptr || !found.is_usable) return;
    found.archived = archive->messages_between(path_, found.id_of(0), found.id_of(ids_per_folder - 1));
    for (const auto& message : found.archived) {
        const auto slot = static_cast<std::size_t>(message.id - found.id_of(0));
        struct stat status = {};
        status.st_mode = static_cast<mode_t>(S_IFREG) | message.mode;
        found.slots[slot] = {.mode = status.st_mode, .size_bytes = message.size_bytes};
        // Who the owner is, the archive says.
        status.st_uid = message.user == archive->owner ? scope_.run().owner : message.user;
        if (status.st_uid != scope_.run().owner || (status.st_mode & 07 & ~scope_.run().others) != 0)
            check_owner(scope_, found.path_of(slot), status);
    }
}

MessageTree::Found MessageTree::scan(std::int64_t number) {
    const std::string name = datadir::message_folder(number * datadir::ids_per_folder);
    Found found{.number = number, .path = path_ + "/" + name, .slots = std::vector<Slot>(ids_per_folder)};
    if (!usable_) return found;
    found.is_usable = true;
    if (!top_) return found;
    found.folder = open_folder(scope_, top_.get(), name.c_str(), found.path);
    if (!found.folder) {
        struct stat status = {};
        found.is_usable = ::fstatat(top_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0;
        return found;
    }
    std::size_t count = 0;
    for_each_entry_of(scope_, found.folder.get(), found.path, [&](const char* entry) {
        if (++count % 1024 == 0) check_interrupt();
        struct stat status = {};
        if (::fstatat(found.folder.get(), entry, &status, AT_SYMLINK_NOFOLLOW) != 0) return;  // gone meanwhile
        const auto id = datadir::message_id_of(name, entry);
        if (!id) {
            scope_.add("stray-file", found.path + "/" + entry,
                       fmt::format("is {} that is no message's", kind_of(status.st_mode)));
            return;
        }
        Slot& slot = found.slots[static_cast<std::size_t>(*id - number * datadir::ids_per_folder)];
        slot.mode = status.st_mode;
        slot.inode = status.st_ino;
        slot.size_bytes = status.st_size;
        if (!S_ISREG(status.st_mode)) return;
        slot.readable = may_read(found.folder.get(), entry, status);
        if (status.st_uid != scope_.run().owner || (status.st_mode & 07 & ~scope_.run().others) != 0)
            check_owner(scope_, found.path + "/" + entry, status);
    });
    return found;
}

void MessageTree::check_folder(std::int64_t number, std::span<const ExpectedFile> expected,
                               std::span<const Sha256Digest> hashes) {
    Found found = scan(number);
    scan_archive(found);
    std::uint64_t messages = 0, size_bytes = 0;
    for (std::size_t slot = 0; slot < ids_per_folder; ++slot) {
        if (found.is_usable) check_file(found, slot, expected[slot]);
        if (expected[slot].state != ExpectedFile::State::needed) continue;
        ++messages;
        size_bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(expected[slot].size_bytes, 0));
    }
    scope_.add_messages(messages, size_bytes);
    if (!found.archived.empty()) check_archived_hashes(found, expected, hashes);
    if (hashes.empty() || !found.folder || !found.archived.empty())
        scope_.run().advance(messages, 0);
    else
        check_hashes(found, expected, hashes);
}

void MessageTree::check_file(const Found& found, std::size_t slot, const ExpectedFile& expected) {
    using State = ExpectedFile::State;
    const Slot& file = found.slots[slot];
    if (expected.state == State::none && file.mode == 0) return;
    if (expected.state == State::allowed && (file.mode == 0 || S_ISREG(file.mode))) return;
    if (expected.state == State::needed && S_ISREG(file.mode) && file.readable &&
        file.size_bytes == expected.size_bytes)
        return;
    // Something seems wrong: ask both sides again.
    const ExpectedFile now = look_again_(found.id_of(slot));
    // What an archive has does not change.
    const Slot current = scope_.run().options.archive != nullptr
                             ? found.slots[slot]
                             : slot_at(found.folder.get(), std::to_string(found.id_of(slot)).c_str());
    report(scope_, found.path_of(slot), current, now);
}

void MessageTree::check_archived_hashes(const Found& found, std::span<const ExpectedFile> expected,
                                        std::span<const Sha256Digest> hashes) {
    if (hashes.empty()) return;
    std::uint64_t compared = 0, size_bytes = 0;
    for (const auto& message : found.archived) {
        const auto slot = static_cast<std::size_t>(message.id - found.id_of(0));
        const bool is_comparable = message.size_bytes == expected[slot].size_bytes || !scope_.wanted("message-size");
        if (expected[slot].state != ExpectedFile::State::needed || !is_comparable) continue;
        ++compared;
        size_bytes += static_cast<std::uint64_t>(message.size_bytes);
        if (message.sha256 != hashes[slot]) report_other_contents(scope_, found.path_of(slot));
    }
    scope_.add_read(compared, size_bytes);
}

void MessageTree::check_hashes(const Found& found, std::span<const ExpectedFile> expected,
                               std::span<const Sha256Digest> hashes) {
    const TrustedFolder trusted(scope_.run().options.trusted, found.path, found.folder.get());
    std::vector<std::uint32_t> slots;
    std::uint64_t unread = 0;
    for (std::size_t slot = 0; slot < ids_per_folder; ++slot) {
        if (expected[slot].state != ExpectedFile::State::needed || !S_ISREG(found.slots[slot].mode)) continue;
        if (found.slots[slot].size_bytes != expected[slot].size_bytes && scope_.wanted("message-size")) continue;
        const auto& sample = scope_.run().options.sample;
        if ((sample && !sample->has(path_, found.id_of(slot))) ||
            trusted.has(found.id_of(slot), found.slots[slot].inode))
            ++unread;
        else
            slots.push_back(static_cast<std::uint32_t>(slot));
    }
    scope_.run().advance(unread, 0);
    std::vector<Pool::Task> tasks;
    for (std::size_t start = 0; start < slots.size(); start += hashes_per_task)
        tasks.push_back([this, &found, &slots, hashes, start] {
            const std::size_t end = std::min(start + hashes_per_task, slots.size());
            std::uint64_t size_bytes = 0;
            for (std::size_t i = start; i < end; ++i) {
                check_interrupt();
                check_hash(found, slots[i], hashes[slots[i]]);
                size_bytes += static_cast<std::uint64_t>(found.slots[slots[i]].size_bytes);
            }
            scope_.add_read(end - start, size_bytes);
            scope_.run().advance(end - start, size_bytes);
        });
    scope_.run().pool.run(tasks);
}

void MessageTree::check_hash(const Found& found, std::size_t slot, const Sha256Digest& expected) {
    constexpr std::size_t buffer_size = 256 * 1024;
    thread_local std::vector<std::byte> buffer(buffer_size);
    thread_local Sha256 hash;
    const std::string name = std::to_string(found.id_of(slot));
    const UniqueFd fd(open_contents(found.folder.get(), name.c_str()));
    struct stat status = {};
    if (!fd) {
        if (errno != ENOENT && found.slots[slot].readable)
            scope_.add("message-file", found.path_of(slot), fmt::format("cannot be opened: {}", std::strerror(errno)));
        return;  // missing ones were told already, or were erased since
    }
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    try {
        for (;;) {
            const std::size_t count = read_full(fd.get(), buffer, name);
            hash.update(std::span(buffer).first(count));
            if (count < buffer.size()) break;
            check_interrupt();
        }
    } catch (const Interrupted&) {
        (void)hash.finish();  // for the next use
        throw;
    } catch (const Error& error) {
        (void)hash.finish();
        scope_.add("message-file", found.path_of(slot), error.what());
        return;
    }
    if (hash.finish() != expected) report_other_contents(scope_, found.path_of(slot));
}

}  // namespace mox::check
