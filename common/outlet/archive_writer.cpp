#include <algorithm>
#include <utility>

#include "archive/writer.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "intake/exported.hpp"
#include "outlet/maildir_notes.hpp"
#include "outlet/output_file.hpp"
#include "outlet/spool.hpp"
#include "outlet/staging.hpp"
#include "outlet/writer.hpp"

namespace mox::outlet {

namespace fs = std::filesystem;

namespace {

archive::Member file_member(std::string path, std::uint64_t size_bytes, std::int64_t modified = 0) {
    return {.path = std::move(path),
            .kind = archive::Kind::file,
            .size_bytes = static_cast<std::int64_t>(size_bytes),
            .mode = 0600,
            .modified = std::max<std::int64_t>(modified, 0)};
}

void add_folder(archive::Writer& to, std::string path) {
    to.add({.path = std::move(path), .kind = archive::Kind::folder, .mode = 0700});
}

void add_file(archive::Writer& to, std::string path, std::string_view text) {
    to.add(file_member(std::move(path), text.size()));
    to.write(as_bytes(text));
}

void add_maildir(archive::Writer& to, const std::string& start) {
    for (const auto* name : {"cur", "new", "tmp"}) add_folder(to, start + name);
}

class ArchiveFolder final : public Folder {
public:
    // `start`: of every path, "" or ending in '/'.
    ArchiveFolder(archive::Writer& to, std::string start, const MailboxInfo& mailbox)
        : to_(to),
          start_(std::move(start)),
          notes_(mailbox) {
        uidlist_.append(notes_.uidlist_header());
        if (const auto text = notes_.dovecot_keywords(); !text.empty())
            add_file(to_, start_ + "dovecot-keywords", text);
    }

    Piece prepare(Message&& message, Contents&& contents) override {
        Piece piece = notes_.describe(std::move(message), contents);
        if (contents.stream)
            piece.large = std::move(contents);
        else
            piece.text = contents.line_ends == LineEnds::lf ? maildir_text(contents) : std::move(contents.text);
        return piece;
    }

    void write(Piece&& piece) override {
        const std::uint64_t size = piece.large.stream ? piece.large.written_bytes : piece.text.size();
        to_.add(file_member(start_ + "cur/" + piece.name, size, piece.message.received.seconds));
        if (piece.large.stream)
            write_large(piece);
        else
            to_.write(as_bytes(piece.text));
        uidlist_.append(MaildirNotes::uidlist_line(piece));
        keywords_.append(MaildirNotes::keywords_line(piece));
    }

    void close() override {
        add_spool("dovecot-uidlist", uidlist_);
        if (keywords_.size() > 0) add_spool(std::string(intake::keywords_overflow_file), keywords_);
    }

private:
    void write_large(const Piece& piece) {
        std::string text;
        std::uint64_t written = 0;
        for_each_run(piece.large, [&](std::string_view run, bool) {
            while (!run.empty()) append_line(text, take_line(run), piece.large.line_ends);
            to_.write(as_bytes(text));
            written += text.size();
            text.clear();
        });
        if (written != piece.large.written_bytes)
            throw Error(Errc::corrupt, quote(piece.name) + ": the message file changed while it was read");
    }

    void add_spool(const std::string& name, Spool& spool) {
        to_.add(file_member(start_ + name, spool.size()));
        spool.read([&](std::string_view text) { to_.write(as_bytes(text)); });
    }

    archive::Writer& to_;
    const std::string start_;
    const MaildirNotes notes_;
    Spool uidlist_, keywords_;
};

class Archive final : public Writer {
public:
    Archive(std::unique_ptr<Staging> staging, OutputFile file, const ArchiveOptions& options)
        : staging_(std::move(staging)),
          file_(std::move(file)),
          layout_(options.layout),
          to_({.format = options.format, .threads = options.threads},
              [this](std::span<const std::byte> bytes) { file_.append(as_text(bytes)); }) {
        if (layout_ == Layout::maildirpp) add_maildir(to_, "");
    }

    std::unique_ptr<Folder> open(const MailboxInfo& mailbox) override {
        std::string start = layout_ ? path_of_mailbox(mailbox.name, *layout_) : "";
        if (!start.empty()) {
            add_folder(to_, start);
            start += '/';
        }
        const bool is_root_of_tree = layout_ == Layout::maildirpp && start.empty();
        if (!is_root_of_tree) add_maildir(to_, start);
        if (layout_ == Layout::maildirpp && !start.empty()) add_file(to_, start + "maildirfolder", "");
        return std::make_unique<ArchiveFolder>(to_, std::move(start), mailbox);
    }
    void write_subscriptions(const std::vector<std::string>& names) override {
        if (!layout_) return;
        std::string text;
        for (const auto& name : names) text += subscription_line(name, *layout_) + '\n';
        add_file(to_, "subscriptions", text);
    }
    void commit() override {
        to_.finish();
        file_.flush();
        if (staging_) staging_->commit();
    }

private:
    std::unique_ptr<Staging> staging_;  // null for a stream
    OutputFile file_;
    const std::optional<Layout> layout_;
    archive::Writer to_;
};

}  // namespace

std::unique_ptr<Writer> archive_file(const fs::path& target, const ArchiveOptions& options) {
    auto staging = std::make_unique<Staging>(target, Staging::Kind::file);
    OutputFile file(staging->file(), staging->path());
    return std::make_unique<Archive>(std::move(staging), std::move(file), options);
}

std::unique_ptr<Writer> archive_stream(UniqueFd fd, std::string name, const ArchiveOptions& options) {
    return std::make_unique<Archive>(nullptr, OutputFile(std::move(fd), std::move(name)), options);
}

}  // namespace mox::outlet
