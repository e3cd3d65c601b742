#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "outlet/mbox_entry.hpp"
#include "outlet/output_file.hpp"
#include "outlet/staging.hpp"
#include "outlet/writer.hpp"

namespace mox::outlet {

namespace fs = std::filesystem;

namespace {

class MboxFolder final : public Folder {
public:
    explicit MboxFolder(OutputFile& file) : file_(&file) {}
    explicit MboxFolder(std::unique_ptr<OutputFile> file) : owned_(std::move(file)), file_(owned_.get()) {}

    Piece prepare(Message&& message, Contents&& contents) override {
        if (contents.stream) return {.message = std::move(message), .large = std::move(contents)};
        Piece piece;
        piece.text.reserve(contents.text.size() + contents.text.size() / 16 + 512);
        MboxEntry entry(message, contents, piece.text);
        entry.text(contents.text, true);
        entry.finish();
        return piece;
    }
    void write(Piece&& piece) override {
        if (!piece.large.stream) return file_->append(piece.text);
        std::string text;
        const auto pass_on = [&] {
            file_->append(text);
            text.clear();
        };
        MboxEntry entry(piece.message, piece.large, text);
        for_each_run(piece.large, [&](std::string_view run, bool starts_line) {
            entry.text(run, starts_line);
            pass_on();
        });
        entry.finish();
        pass_on();
    }
    void close() override { file_->flush(); }

private:
    std::unique_ptr<OutputFile> owned_;
    OutputFile* file_;
};

class MboxStream final : public Writer {
public:
    MboxStream(UniqueFd fd, std::string name) : file_(std::move(fd), std::move(name)) {}
    explicit MboxStream(const fs::path& target)
        : staging_(std::make_unique<Staging>(target, Staging::Kind::file)),
          file_(staging_->file(), staging_->path()) {}

    std::unique_ptr<Folder> open(const MailboxInfo&) override { return std::make_unique<MboxFolder>(file_); }
    void write_subscriptions(const std::vector<std::string>&) override {}
    void commit() override {
        file_.flush();
        if (staging_) staging_->commit();
    }

private:
    std::unique_ptr<Staging> staging_;  // null for a stream
    OutputFile file_;
};

class MboxTree final : public Writer {
public:
    explicit MboxTree(const fs::path& target) : staging_(target, Staging::Kind::folder) {}

    std::unique_ptr<Folder> open(const MailboxInfo& mailbox) override {
        const fs::path path = staging_.path() / path_of_mailbox(mailbox.name, Layout::mbox_tree);
        make_directories(path.parent_path(), {.directory_mode = 0700});
        return std::make_unique<MboxFolder>(std::make_unique<OutputFile>(create_file(path, {.file_mode = 0600}), path));
    }
    void write_subscriptions(const std::vector<std::string>& names) override {
        const fs::path path = staging_.path() / "subscriptions";
        OutputFile file(create_file(path, {.file_mode = 0600}), path);
        for (const auto& name : names) file.append(subscription_line(name, Layout::mbox_tree) + '\n');
        file.flush();
    }
    void commit() override { staging_.commit(); }

private:
    Staging staging_;
};

}  // namespace

std::unique_ptr<Writer> mbox_file(const fs::path& target) {
    return std::make_unique<MboxStream>(target);
}

std::unique_ptr<Writer> mbox_stream(UniqueFd fd, std::string name) {
    return std::make_unique<MboxStream>(std::move(fd), std::move(name));
}

std::unique_ptr<Writer> mbox_tree(const fs::path& target) {
    return std::make_unique<MboxTree>(target);
}

std::string path_problem(const std::string& mailbox, Layout layout) {
    constexpr std::size_t longest_name = 255;
    for (const auto& part : fs::path(path_of_mailbox(mailbox, layout)))
        if (part.native().size() > longest_name)
            return "its name as a file name would have " + std::to_string(part.native().size()) +
                   " bytes; file systems allow 255";
    return {};
}

}  // namespace mox::outlet
