#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/interrupt.hpp"
#include "intake/dovecot_files.hpp"
#include "intake/maildir_marks.hpp"
#include "intake/regular_file.hpp"
#include "intake/source.hpp"

namespace mox::intake {

namespace {

constexpr std::array<std::string_view, 2> subfolders{"new", "cur"};
constexpr std::string_view keywords_file = "dovecot-keywords";

UniqueFd open_subfolder(int maildir, std::string_view name, const std::filesystem::path& path, bool may_lack) {
    constexpr std::string_view hint = "a maildir has the folders new, cur and tmp";
    const auto fail = [&](Errc code, std::string_view why) {
        return Error(code, "maildir " + quote(path.native()) + ": " + quote(name) + ' ' + std::string(why),
                     std::string(hint));
    };
    struct stat status = {};
    if (::fstatat(maildir, name.data(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT && may_lack) return {};
        if (errno == ENOENT) throw fail(Errc::not_found, "does not exist");
        throw system_error(errno, "open", (path / name).native());
    }
    if (S_ISLNK(status.st_mode)) throw fail(Errc::failed, "is a symbolic link, which is not followed");
    if (!S_ISDIR(status.st_mode)) throw fail(Errc::failed, "is not a folder");
    UniqueFd fd(::openat(maildir, name.data(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) throw system_error(errno, "open", (path / name).native());
    return fd;
}

class Maildir final : public MessageFolder {
public:
    Maildir(const std::filesystem::path& path, const MaildirOptions& options) : path_(path) {
        const UniqueFd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!root) throw system_error(errno, "open maildir", path.native());
        for (std::size_t i = 0; i < subfolders.size(); ++i)
            folders_[i] = open_subfolder(root.get(), subfolders[i], path, options.may_lack_new);
        read_keywords(root.get(), options.keywords_beside);
        constexpr std::size_t limit = 64U << 20U;
        if (const auto text = read_note(root.get(), std::string(keywords_overflow_file), limit))
            marks_.more = parse_more_keywords(*text);
    }

    Opened open(const FileBody& file) override;

    // What the name of a file tells. The body lacks its folder.
    RawMessage describe(std::size_t subfolder, const std::string& name) const;
    // Names of all messages in a subfolder, in no order.
    std::vector<std::string> list(std::size_t subfolder, Warnings& warnings) const;
    bool exists(std::size_t subfolder, const std::string& name) const {
        struct stat status = {};
        return folders_[subfolder] &&
               ::fstatat(folders_[subfolder].get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    }
    const std::vector<std::string>& keyword_problems() const { return keyword_problems_; }

private:
    struct Location {
        std::size_t subfolder;
        std::string name;
    };
    void read_keywords(int root, bool beside);
    // A regular file of the maildir, or "" with the reason in keyword_problems_; nullopt when it is not there.
    std::optional<std::string> read_note(int root, const std::string& name, std::size_t limit);
    std::optional<Location> find_renamed(const FileBody& file);
    Opened open_at(std::size_t subfolder, const std::string& name) const {
        return open_regular_file(folders_[subfolder].get(), name, path_of(subfolders[subfolder], name));
    }
    std::string path_of(std::string_view directory, std::string_view name) const {
        return escaped((path_ / directory / name).native());
    }

    const std::filesystem::path path_;
    std::array<UniqueFd, 2> folders_;  // as in `subfolders`
    MaildirMarks marks_;
    std::vector<std::string> keyword_problems_;

    // Where base names are now, from a listing made when a file was first missed. Listings are costly, so there are
    // few: someone who changes a maildir faster than it is read loses nothing but messages reported as vanished.
    std::mutex mutex_;
    std::map<std::string, Location, std::less<>> current_;  // guarded by mutex_
    int listings_left_ = 10;                                // guarded by mutex_
};

std::optional<std::string> Maildir::read_note(int root, const std::string& name, std::size_t limit) {
    const UniqueFd fd(::openat(root, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!fd && errno == ENOENT) return std::nullopt;
    struct stat status = {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        keyword_problems_.emplace_back(system_error(errno, "open", (path_ / name).native()).what());
        return "";
    }
    if (!S_ISREG(status.st_mode)) {
        keyword_problems_.push_back(escaped((path_ / name).native()) + ": not a regular file");
        return "";
    }
    std::string text(std::min(limit, static_cast<std::size_t>(status.st_size)), '\0');
    try {
        text.resize(read_full(fd.get(), std::as_writable_bytes(std::span(text)), path_ / name));
        return text;
    } catch (const Error& error) {  // keywords are worth a warning, not the import
        if (error.code() == Errc::interrupted) throw;
        keyword_problems_.emplace_back(error.what());
        return "";
    }
}

void Maildir::read_keywords(int root, bool beside) {
    constexpr std::size_t limit = 65536;
    std::string name(keywords_file);
    auto text = read_note(root, name, limit);
    if (!text && beside) {
        name = "../" + name;
        text = read_note(root, name, limit);
    }
    if (!text) return;
    std::vector<std::string> problems;
    marks_.letters = parse_dovecot_keywords(*text, problems);
    for (const auto& problem : problems) keyword_problems_.push_back(escaped((path_ / name).native()) + ':' + problem);
}

RawMessage Maildir::describe(std::size_t subfolder, const std::string& name) const {
    RawMessage message{.origin = path_of(subfolders[subfolder], name)};
    const bool exact = describe_by_name(message, name, marks_);
    message.body = FileBody{.directory = std::string(subfolders[subfolder]), .name = name, .exact = exact};
    return message;
}

std::vector<std::string> Maildir::list(std::size_t subfolder, Warnings& warnings) const {
    std::vector<std::string> names;
    if (!folders_[subfolder]) return names;
    const auto directory = path_ / subfolders[subfolder];
    for_each_entry(directory, [&](const DirectoryEntry& entry) {
        check_interrupt();
        struct stat status = {};
        const bool is_folder = entry.type == DT_DIR || (entry.type == DT_UNKNOWN &&
                                                        ::fstatat(folders_[subfolder].get(), entry.name.c_str(),
                                                                  &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                                                        S_ISDIR(status.st_mode));
        if (is_folder) {
            warnings.add(WarningKind::skipped, path_of(subfolders[subfolder], entry.name) + ": a folder, skipped");
        } else if (entry.name.starts_with('.')) {
            warnings.add(WarningKind::skipped,
                         path_of(subfolders[subfolder], entry.name) + ": a name starting with a dot, skipped");
        } else {
            names.push_back(entry.name);
        }
    });
    return names;
}

MessageFolder::Opened Maildir::open(const FileBody& file) {
    const std::size_t subfolder = file.directory == subfolders[0] ? 0 : 1;
    Opened opened = open_at(subfolder, file.name);
    if (!opened.failure || opened.failure->kind != FailureKind::vanished) return opened;
    const auto now = find_renamed(file);
    if (!now) return opened;
    opened = open_at(now->subfolder, now->name);
    if (!opened.failure) opened.renamed = describe(now->subfolder, now->name);
    return opened;
}

std::optional<Maildir::Location> Maildir::find_renamed(const FileBody& file) {
    const std::string_view base = parse_maildir_name(file.name).base;
    const std::lock_guard lock(mutex_);
    const auto is_other = [&](const Location& place) {
        return place.name != file.name || subfolders[place.subfolder] != file.directory;
    };
    if (const auto found = current_.find(base); found != current_.end() && is_other(found->second)) {
        if (exists(found->second.subfolder, found->second.name)) return found->second;
    }
    if (listings_left_ == 0) return std::nullopt;
    --listings_left_;
    current_.clear();
    Warnings ignored;
    for (std::size_t i = 0; i < subfolders.size(); ++i)
        for (auto& name : list(i, ignored)) {
            std::string key(parse_maildir_name(name).base);
            current_.insert_or_assign(std::move(key), Location{i, std::move(name)});
        }
    const auto found = current_.find(base);
    return found == current_.end() ? std::nullopt : std::optional(found->second);
}

class MaildirSource final : public MessageSource {
public:
    MaildirSource(const std::filesystem::path& path, const MaildirOptions& options)
        : folder_(std::make_shared<Maildir>(path, options)) {
        for (const auto& problem : folder_->keyword_problems()) warnings_.add(WarningKind::keywords_file, problem);
        for (std::size_t i = 0; i < subfolders.size(); ++i)
            for (auto& name : folder_->list(i, warnings_))
                messages_.push_back({.subfolder = static_cast<std::uint8_t>(i), .name = std::move(name)});
        forget_old_names();
        read_uids(path / "dovecot-uidlist");
        std::sort(messages_.begin(), messages_.end(), [](const Listed& a, const Listed& b) {
            if (a.uid != b.uid) return a.uid < b.uid;
            if (a.subfolder != b.subfolder) return a.subfolder < b.subfolder;
            return maildir_order(a.name, b.name);
        });
    }

    std::optional<RawMessage> next() override {
        check_interrupt();
        if (at_ == messages_.size()) return std::nullopt;
        const std::string name = std::move(messages_[at_].name);
        RawMessage message = folder_->describe(messages_[at_++].subfolder, name);
        std::get<FileBody>(message.body).folder = folder_;
        return message;
    }
    Progress progress() const override { return {.messages = at_, .total_messages = messages_.size()}; }

private:
    static constexpr std::uint32_t without_uid = 0xffffffff;  // comes last
    struct Listed {
        std::uint32_t uid = without_uid;
        std::uint8_t subfolder = 0;
        std::string name;
    };

    // A file that was renamed during the listing may have been seen under both names: it is one message.
    void forget_old_names() {
        std::vector<std::pair<std::uint64_t, std::size_t>> by_base;
        for (std::size_t i = 0; i < messages_.size(); ++i)
            by_base.emplace_back(xxh3_64(parse_maildir_name(messages_[i].name).base), i);
        std::sort(by_base.begin(), by_base.end());
        std::vector<bool> gone(messages_.size());
        for (std::size_t i = 0; i < by_base.size(); ++i) {
            const bool shared = (i > 0 && by_base[i - 1].first == by_base[i].first) ||
                                (i + 1 < by_base.size() && by_base[i + 1].first == by_base[i].first);
            const Listed& listed = messages_[by_base[i].second];
            if (shared && !folder_->exists(listed.subfolder, listed.name)) gone[by_base[i].second] = true;
        }
        std::size_t at = 0;
        std::erase_if(messages_, [&](const Listed&) { return gone[at++]; });
    }

    void read_uids(const std::filesystem::path& path) {
        UidList uids;
        const std::string shown = escaped(path.native());
        try {
            const MessageFolder::Opened file = open_regular_file(AT_FDCWD, path.native(), shown);
            if (file.failure && file.failure->kind == FailureKind::vanished) return;
            if (file.failure) return warnings_.add(WarningKind::folder_metadata, file.failure->reason);
            std::string block(65536, '\0');
            while (const auto count = read_full(file.fd.get(), std::as_writable_bytes(std::span(block)), path))
                uids.feed(std::string_view(block).substr(0, count));
            uids.finish();
        } catch (const Error& error) {  // an order is worth a warning, not the import
            return warnings_.add(WarningKind::folder_metadata, error.what());
        }
        for (const auto& problem : uids.problems()) warnings_.add(WarningKind::folder_metadata, shown + ':' + problem);
        for (auto& listed : messages_) listed.uid = uids.uid_of(listed.name).value_or(without_uid);
    }

    std::shared_ptr<Maildir> folder_;
    std::vector<Listed> messages_;
    std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<MessageSource> open_maildir(const std::filesystem::path& path, const MaildirOptions& options) {
    return std::make_unique<MaildirSource>(path, options);
}

}  // namespace mox::intake
