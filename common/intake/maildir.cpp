#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "intake/exported.hpp"
#include "intake/maildir_name.hpp"
#include "intake/message_folder.hpp"
#include "intake/source.hpp"

namespace mox::intake {

namespace {

constexpr std::array<std::string_view, 2> subfolders{"new", "cur"};
constexpr std::string_view keywords_file = "dovecot-keywords";

UniqueFd open_subfolder(int maildir, std::string_view name, const std::filesystem::path& path) {
    constexpr std::string_view hint = "a maildir has the folders new, cur and tmp";
    const auto fail = [&](Errc code, std::string_view why) {
        return Error(code, "maildir " + quote(path.native()) + ": " + quote(name) + ' ' + std::string(why),
                     std::string(hint));
    };
    struct stat status = {};
    if (::fstatat(maildir, name.data(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
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
    explicit Maildir(const std::filesystem::path& path) : path_(path) {
        const UniqueFd root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!root) throw system_error(errno, "open maildir", path.native());
        for (std::size_t i = 0; i < subfolders.size(); ++i)
            folders_[i] = open_subfolder(root.get(), subfolders[i], path);
        read_keywords(root.get());
        read_more_keywords(root.get());
    }

    Opened open(const FileBody& file) override;

    // What the name of a file tells.
    RawMessage describe(std::string_view directory, const std::string& name) const;
    // Names of all messages in a subfolder, in no order.
    std::vector<std::string> list(std::size_t subfolder, Warnings& warnings) const;
    bool exists(std::size_t subfolder, const std::string& name) const {
        struct stat status = {};
        return ::fstatat(folders_[subfolder].get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    }
    const std::vector<std::string>& keyword_problems() const { return keyword_problems_; }

private:
    struct Location {
        std::size_t subfolder;
        std::string name;
    };
    void read_keywords(int root);
    void read_more_keywords(int root);
    // A regular file of the maildir, or "" with the reason in keyword_problems_; nullopt when it is not there.
    std::optional<std::string> read_note(int root, const std::string& name, std::size_t limit);
    std::optional<Location> find_renamed(const FileBody& file);
    Opened open_at(std::size_t subfolder, const std::string& name) const;
    std::string path_of(std::string_view directory, std::string_view name) const {
        return escaped((path_ / directory / name).native());
    }

    const std::filesystem::path path_;
    std::array<UniqueFd, 2> folders_;  // as in `subfolders`
    MaildirKeywords keywords_;
    std::unordered_map<std::string, model::Keywords> more_keywords_;  // by base name: those without a letter
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
        keyword_problems_.emplace_back(error.what());
        return "";
    }
}

void Maildir::read_keywords(int root) {
    constexpr std::size_t limit = 65536;
    for (const std::string& name : {std::string(keywords_file), "../" + std::string(keywords_file)}) {
        const auto text = read_note(root, name, limit);
        if (!text) continue;
        std::vector<std::string> problems;
        keywords_ = parse_dovecot_keywords(*text, problems);
        for (const auto& problem : problems)
            keyword_problems_.push_back(escaped((path_ / name).native()) + ':' + problem);
        return;
    }
}

void Maildir::read_more_keywords(int root) {
    constexpr std::size_t limit = 64U << 20U;
    const auto read = read_note(root, std::string(keywords_overflow_file), limit);
    for (std::string_view text = read ? *read : std::string_view(); !text.empty();) {
        const auto end = std::min(text.find('\n'), text.size());
        auto words = model::split_keywords(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (words.size() < 2) continue;
        std::string base = std::move(words.front());
        words.erase(words.begin());
        more_keywords_.insert_or_assign(std::move(base), std::move(words));
    }
}

RawMessage Maildir::describe(std::string_view directory, const std::string& name) const {
    const MaildirName parts = parse_maildir_name(name);
    RawMessage message{.origin = path_of(directory, name)};
    if (parts.time) message.received = Timestamp{.seconds = *parts.time};
    if (const auto note = note_of_file_name(parts.base)) message.received = note->received;
    if (const auto more = more_keywords_.find(std::string(parts.base)); more != more_keywords_.end())
        for (const auto& keyword : more->second) add_literal_name(message.marks, keyword);
    const std::string unknown = add_maildir_letters(message.marks, parts.letters, keywords_);
    if (!unknown.empty()) message.warnings.push_back("letters in the file name without meaning: " + quote(unknown));
    return message;
}

std::vector<std::string> Maildir::list(std::size_t subfolder, Warnings& warnings) const {
    std::vector<std::string> names;
    const auto directory = path_ / subfolders[subfolder];
    for_each_entry(directory, [&](const DirectoryEntry& entry) {
        check_interrupt();
        struct stat status = {};
        const bool is_folder = entry.type == DT_DIR || (entry.type == DT_UNKNOWN &&
                                                        ::fstatat(folders_[subfolder].get(), entry.name.c_str(),
                                                                  &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                                                        S_ISDIR(status.st_mode));
        if (is_folder) {
            warnings.add(path_of(subfolders[subfolder], entry.name) + ": a folder, skipped");
        } else if (entry.name.starts_with('.')) {
            warnings.add(path_of(subfolders[subfolder], entry.name) + ": a name starting with a dot, skipped");
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
    if (!opened.failure) opened.renamed = describe(subfolders[now->subfolder], now->name);
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

MessageFolder::Opened Maildir::open_at(std::size_t subfolder, const std::string& name) const {
    Opened result;
    const std::string shown = path_of(subfolders[subfolder], name);
    const auto failed = [&](FailureKind kind, std::string reason) {
        result.fd.reset();
        result.failure = Failure{kind, std::move(reason)};
        return std::move(result);
    };
    const auto failed_call = [&](std::string_view operation) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) throw system_error(errno, operation, shown);
        if (errno == ENOENT)
            return failed(FailureKind::vanished, shown + ": removed or renamed while the maildir was read");
        if (errno == ELOOP) return failed(FailureKind::not_a_file, shown + ": a symbolic link, not followed");
        return failed(FailureKind::unreadable, system_error(errno, operation, shown).what());
    };
    const int folder = folders_[subfolder].get();
    struct stat status = {};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return failed_call("open");
    if (S_ISLNK(status.st_mode)) return failed(FailureKind::not_a_file, shown + ": a symbolic link, not followed");
    if (!S_ISREG(status.st_mode)) return failed(FailureKind::not_a_file, shown + ": not a regular file");
    // Between the two calls it may have become something else: O_NONBLOCK never waits for a FIFO.
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    result.fd = UniqueFd(::openat(folder, name.c_str(), flags));
    if (!result.fd || ::fstat(result.fd.get(), &status) != 0) return failed_call("open");
    if (!S_ISREG(status.st_mode)) return failed(FailureKind::not_a_file, shown + ": not a regular file");
    if (status.st_mtime > 0) result.changed = Timestamp{.seconds = status.st_mtime};
    return result;
}

class MaildirSource final : public MessageSource {
public:
    explicit MaildirSource(const std::filesystem::path& path) : folder_(std::make_shared<Maildir>(path)) {
        for (const auto& problem : folder_->keyword_problems()) warnings_.add(problem);
        for (std::size_t i = 0; i < subfolders.size(); ++i) names_[i] = folder_->list(i, warnings_);
        forget_old_names();
        for (auto& names : names_)
            std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return maildir_order(a, b); });
    }

    std::optional<RawMessage> next() override {
        check_interrupt();
        while (subfolder_ < subfolders.size() && at_ == names_[subfolder_].size()) {
            ++subfolder_;
            at_ = 0;
        }
        if (subfolder_ == subfolders.size()) return std::nullopt;
        std::string& name = names_[subfolder_][at_++];
        ++messages_;
        RawMessage message = folder_->describe(subfolders[subfolder_], name);
        const auto note = note_of_file_name(parse_maildir_name(name).base);
        const bool exact = note && note->exact;
        message.body = FileBody{folder_, std::string(subfolders[subfolder_]), std::move(name), exact};
        return message;
    }
    Progress progress() const override {
        return {.messages = messages_, .total_messages = names_[0].size() + names_[1].size()};
    }
    const Warnings& warnings() const override { return warnings_; }

private:
    // A file that was renamed during the listing may have been seen under both names: it is one message.
    void forget_old_names() {
        std::unordered_map<std::string, int> seen;
        for (const auto& names : names_)
            for (const auto& name : names) ++seen[std::string(parse_maildir_name(name).base)];
        for (std::size_t i = 0; i < subfolders.size(); ++i)
            std::erase_if(names_[i], [&](const std::string& name) {
                return seen[std::string(parse_maildir_name(name).base)] > 1 && !folder_->exists(i, name);
            });
    }

    std::shared_ptr<Maildir> folder_;
    Warnings warnings_;
    std::array<std::vector<std::string>, 2> names_;
    std::size_t subfolder_ = 0, at_ = 0;
    std::uint64_t messages_ = 0;
};

}  // namespace

std::unique_ptr<MessageSource> open_maildir(const std::filesystem::path& path) {
    return std::make_unique<MaildirSource>(path);
}

}  // namespace mox::intake
