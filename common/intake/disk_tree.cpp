#include <fcntl.h>

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
    }

    std::string description() const override;
    const std::vector<TreeFolder>& folders() const override { return folders_; }
    void select(std::vector<bool> wanted) override { wanted_ = std::move(wanted); }
    std::optional<TreeMessage> next() override;
    Progress progress() const override {
        Progress now = source_ ? source_->progress() : Progress{};
        // Of the whole only the number of messages is known.
        now.messages += done_.messages;
        now.bytes += done_.bytes;
        now.total_messages.reset();
        now.total_bytes.reset();
        return now;
    }
    const Warnings& warnings() const override { return warnings_; }

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
    void close_source();

    TreeOptions options_;
    std::vector<FoundFolder> found_;
    std::vector<TreeFolder> folders_;  // as found_
    std::vector<bool> wanted_;
    bool has_maildir_plus_ = false;
    std::size_t at_ = 0;  // folder of source_, or the next one to open
    std::unique_ptr<MessageSource> source_;
    Progress done_;
    Warnings warnings_;
};

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
        if (!wanted_.empty() && !wanted_[at_]) continue;
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
    if (!source_) return;
    done_.messages += source_->progress().messages;
    done_.bytes += source_->progress().bytes;
    for (const auto& warning : source_->warnings().list) warnings_.add(warning.kind, warning.text);
    warnings_.count += source_->warnings().count - source_->warnings().list.size();
    source_.reset();
}

class SingleTree final : public MailTree {
public:
    SingleTree(std::unique_ptr<MessageSource> source, TreeFolder folder) : source_(std::move(source)) {
        folders_.push_back(std::move(folder));
    }
    std::string description() const override { return "1 mbox file"; }
    const std::vector<TreeFolder>& folders() const override { return folders_; }
    void select(std::vector<bool> wanted) override { wanted_ = wanted.at(0); }
    std::optional<TreeMessage> next() override {
        auto message = wanted_ ? source_->next() : std::nullopt;
        if (!message) return std::nullopt;
        return TreeMessage{std::move(*message), 0};
    }
    Progress progress() const override { return source_->progress(); }
    const Warnings& warnings() const override { return source_->warnings(); }

private:
    std::unique_ptr<MessageSource> source_;
    std::vector<TreeFolder> folders_;
    bool wanted_ = true;
};

}  // namespace

std::unique_ptr<MailTree> tree_of(std::unique_ptr<MessageSource> source, std::string origin) {
    return std::make_unique<SingleTree>(std::move(source), TreeFolder{.origin = std::move(origin)});
}

std::unique_ptr<MailTree> open_disk_tree(const std::filesystem::path& path, const TreeOptions& options) {
    return std::make_unique<DiskTree>(path, options);
}

std::unique_ptr<MailTree> open_tree(const std::filesystem::path& path, const TreeOptions& options) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) throw system_error(errno, "open", path.native());
    if (directory_exists(path) || directory_exists(path / ".")) return open_disk_tree(path, options);
    std::string start(5, '\0');
    start.resize(read_full(fd.get(), std::as_writable_bytes(std::span(start)), path));
    if (!start.empty() && start != "From ") return open_archive_tree(path, options);
    return std::make_unique<SingleTree>(
        open_mbox(path, options.source),
        TreeFolder{.origin = escaped(path.native()), .name = parts_of_mbox(path.filename().native())});
}

}  // namespace mox::intake
