#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "intake/folder_scan.hpp"
#include "intake/mail_tree.hpp"

namespace mox::intake {

namespace {

class DiskTree final : public MailTree {
public:
    DiskTree(const std::filesystem::path& path, const TreeOptions& options) : options_(options) {
        FoundFolders found = find_folders(path, warnings_);
        has_maildir_plus_ = found.has_maildir_plus;
        found_ = std::move(found.folders);
        for (const auto& folder : found_)
            folders_.push_back(
                {.origin = escaped(folder.path.native()), .name = folder.name, .subscribed = folder.subscribed});
        if (folders_.empty())
            throw Error(
                Errc::unknown_format, "no mail in folder " + quote(path.native()),
                "a maildir has the folders cur and new, an mbox file starts with \"From \", and single messages "
                "are files that end in .eml");
        plan();
    }

    std::string description() const override;
    const std::vector<TreeFolder>& folders() const override { return folders_; }
    void select(std::vector<bool> wanted) override {
        wanted_ = std::move(wanted);
        plan();
    }
    std::optional<TreeMessage> next() override;
    TreeProgress progress() const override;
    Warnings take_warnings() override {
        if (source_) warnings_.add(source_->take_warnings());
        return std::exchange(warnings_, {});
    }

private:
    std::unique_ptr<MessageSource> open(const FoundFolder& folder) const {
        switch (folder.kind) {
            case FolderKind::mbox:
                return open_mbox(folder.path, options_.source);
            case FolderKind::eml:
                return open_eml_folder(folder.path);
            case FolderKind::maildir:
                break;
        }
        return open_maildir(folder.path, {.keywords_beside = false, .may_lack_new = true});
    }
    bool is_wanted(std::size_t folder) const { return wanted_.empty() || wanted_[folder]; }
    void plan();
    void close_source();

    TreeOptions options_;
    std::vector<FoundFolder> found_;
    std::vector<TreeFolder> folders_;  // as found_
    std::vector<bool> wanted_;
    bool has_maildir_plus_ = false;
    std::size_t at_ = 0;  // folder of source_, or the next one to open
    std::unique_ptr<MessageSource> source_;
    TreeProgress all_;  // `done`: of the folders before the current one
    Warnings warnings_;
};

// Of maildirs the number of messages is known, of mbox files that of bytes. Where both are there, a message counts as
// much as an ordinary one has bytes.
constexpr std::uint64_t ordinary_message_bytes = 16384;

std::uint64_t work_of(const FoundFolder& folder) {
    return folder.bytes + folder.messages * ordinary_message_bytes;
}

void DiskTree::plan() {
    all_ = {};
    std::uint64_t messages = 0;
    bool has_mbox = false;
    for (std::size_t i = 0; i < found_.size(); ++i) {
        if (!is_wanted(i)) continue;
        all_.total += work_of(found_[i]);
        messages += found_[i].messages;
        has_mbox = has_mbox || found_[i].kind == FolderKind::mbox;
    }
    if (!has_mbox) all_.total_messages = messages;
}

TreeProgress DiskTree::progress() const {
    TreeProgress now = all_;
    if (!source_) return now;
    const Progress current = source_->progress();
    now.done += found_[at_].kind == FolderKind::mbox ? current.bytes : current.messages * ordinary_message_bytes;
    return now;
}

std::string DiskTree::description() const {
    const auto count = [&](FolderKind kind) {
        return static_cast<std::size_t>(
            std::count_if(found_.begin(), found_.end(), [&](const auto& folder) { return folder.kind == kind; }));
    };
    std::string text;
    const auto add = [&](std::size_t number, std::string_view one, std::string_view many) {
        if (number == 0) return;
        if (!text.empty()) text += ", ";
        text += std::to_string(number) + ' ' + std::string(number == 1 ? one : many);
    };
    add(count(FolderKind::maildir), "maildir", "maildirs");
    if (has_maildir_plus_) text += " (Maildir++)";
    add(count(FolderKind::mbox), "mbox file", "mbox files");
    add(count(FolderKind::eml), "folder of .eml files", "folders of .eml files");
    return text;
}

std::optional<TreeMessage> DiskTree::next() {
    for (; at_ < found_.size(); ++at_) {
        if (!is_wanted(at_)) continue;
        const auto failed = [&](std::string reason) {
            close_source();
            TreeMessage message{.folder = at_++};
            message.message.origin = folders_[message.folder].origin;
            message.message.failure = Failure{FailureKind::unreadable, std::move(reason)};
            return message;
        };
        if (!found_[at_].problem.empty()) return failed(found_[at_].problem);
        try {
            if (!source_) source_ = open(found_[at_]);
            if (auto message = source_->next()) return TreeMessage{std::move(*message), at_};
        } catch (const Error& error) {  // one folder that cannot be read must not stop the rest
            if (error.code() == Errc::interrupted) throw;
            return failed(error.what());
        }
        close_source();
    }
    return std::nullopt;
}

void DiskTree::close_source() {
    all_.done += work_of(found_[at_]);
    if (!source_) return;
    warnings_.add(source_->take_warnings());
    source_.reset();
}

class SingleTree final : public MailTree {
public:
    SingleTree(std::unique_ptr<MessageSource> source, TreeFolder folder, std::string description)
        : source_(std::move(source)),
          description_(std::move(description)) {
        folders_.push_back(std::move(folder));
    }
    std::string description() const override { return description_; }
    const std::vector<TreeFolder>& folders() const override { return folders_; }
    void select(std::vector<bool> wanted) override { wanted_ = wanted.at(0); }
    std::optional<TreeMessage> next() override {
        auto message = wanted_ ? source_->next() : std::nullopt;
        if (!message) return std::nullopt;
        return TreeMessage{std::move(*message), 0};
    }
    TreeProgress progress() const override {
        const Progress now = source_->progress();
        if (!now.total_messages) return {.done = now.bytes, .total = now.total_bytes.value_or(0)};
        return {.total_messages = now.total_messages, .done = now.messages, .total = *now.total_messages};
    }
    Warnings take_warnings() override { return source_->take_warnings(); }

private:
    std::unique_ptr<MessageSource> source_;
    std::string description_;
    std::vector<TreeFolder> folders_;
    bool wanted_ = true;
};

}  // namespace

std::unique_ptr<MailTree> tree_of(std::unique_ptr<MessageSource> source, std::string origin) {
    return std::make_unique<SingleTree>(std::move(source), TreeFolder{.origin = std::move(origin)}, "1 folder");
}

std::unique_ptr<MailTree> open_disk_tree(const std::filesystem::path& path, const TreeOptions& options) {
    return std::make_unique<DiskTree>(path, options);
}

std::unique_ptr<MailTree> open_tree(const std::filesystem::path& path, const TreeOptions& options) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) throw system_error(errno, "open", path.native());
    if (S_ISDIR(status.st_mode)) return open_disk_tree(path, options);
    TreeFolder folder{.origin = escaped(path.native())};
    if (is_eml_name(path.filename().native()))
        return std::make_unique<SingleTree>(open_eml_file(path), std::move(folder), "1 message");
    // What comes through a pipe can be read only once, so that it is not looked at before.
    if (S_ISREG(status.st_mode)) {
        const UniqueFd fd = open_for_reading(path);
        std::string start(mbox_start_bytes, '\0');
        start.resize(read_full(fd.get(), std::as_writable_bytes(std::span(start)), path));
        if (!start.empty() && !starts_like_mbox(start)) return open_archive_tree(path, options);
    }
    folder.name = parts_of_mbox(path.filename().native());
    return std::make_unique<SingleTree>(open_mbox(path, options.source), std::move(folder), "1 mbox file");
}

}  // namespace mox::intake
