#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "intake/exported.hpp"
#include "outlet/maildir_notes.hpp"
#include "outlet/output_file.hpp"
#include "outlet/staging.hpp"
#include "outlet/writer.hpp"

namespace mox::outlet {

namespace fs = std::filesystem;

namespace {

constexpr Ownership private_to_owner{.file_mode = 0600, .directory_mode = 0700};

void write_file(const fs::path& path, std::string_view text) {
    const UniqueFd fd = create_file(path, private_to_owner);
    write_all(fd.get(), text, path);
}

void make_maildir(const fs::path& path) {
    make_directories(path, private_to_owner);
    for (const auto* name : {"cur", "new", "tmp"}) make_directory(path / name, private_to_owner);
}

class MaildirFolder final : public Folder {
public:
    MaildirFolder(fs::path path, const MailboxInfo& mailbox)
        : path_(std::move(path)),
          cur_path_(path_ / "cur"),
          notes_(mailbox),
          uidlist_(create_file(path_ / "dovecot-uidlist", private_to_owner), path_ / "dovecot-uidlist") {
        cur_ = UniqueFd(::open(cur_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!cur_) throw system_error(errno, "open", cur_path_.native());
        uidlist_.append(notes_.uidlist_header());
        if (const auto text = notes_.dovecot_keywords(); !text.empty()) write_file(path_ / "dovecot-keywords", text);
    }

    Piece prepare(Message&& message, Contents&& contents) override {
        Piece piece = notes_.describe(std::move(message), contents);
        const UniqueFd fd(::openat(cur_.get(), piece.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        const auto path = [&] { return cur_path_ / piece.name; };
        if (!fd) throw system_error(errno, "create", path().native());
        if (contents.stream) {
            std::string text;
            for_each_run(contents, [&](std::string_view run, bool) {
                while (!run.empty()) append_line(text, take_line(run), contents.line_ends);
                write_all(fd.get(), text, path());
                text.clear();
            });
        } else {
            write_all(fd.get(), contents.line_ends == LineEnds::lf ? maildir_text(contents) : contents.text, path());
        }
        set_time(fd.get(), piece.message.received, path());
        return piece;
    }

    void write(Piece&& piece) override {
        uidlist_.append(MaildirNotes::uidlist_line(piece));
        const auto line = MaildirNotes::keywords_line(piece);
        if (line.empty()) return;
        const fs::path name = path_ / intake::keywords_overflow_file;
        if (!keywords_) keywords_.emplace(create_file(name, private_to_owner), name);
        keywords_->append(line);
    }

    void close() override {
        uidlist_.flush();
        if (keywords_) keywords_->flush();
    }

private:
    // Programs take the time of a file for the date of receipt.
    static void set_time(int fd, const Timestamp& time, const fs::path& path) {
        std::array<struct timespec, 2> times{};
        times[0].tv_nsec = UTIME_OMIT;
        times[1].tv_sec = time.seconds;
        times[1].tv_nsec = time.nanoseconds;
        // A file system that cannot hold the date is no reason to fail: the name tells it as well.
        if (::futimens(fd, times.data()) != 0 && errno != EINVAL && errno != EOVERFLOW)
            throw system_error(errno, "set the time of", path.native());
    }

    const fs::path path_, cur_path_;
    const MaildirNotes notes_;
    UniqueFd cur_;
    OutputFile uidlist_;
    std::optional<OutputFile> keywords_;
};

class Maildirs final : public Writer {
public:
    // Without a layout: one maildir, the target itself.
    Maildirs(const fs::path& target, std::optional<Layout> layout)
        : staging_(target, Staging::Kind::folder),
          layout_(layout) {
        if (layout == Layout::maildirpp) make_maildir(staging_.path());
    }

    std::unique_ptr<Folder> open(const MailboxInfo& mailbox) override {
        const std::string name = layout_ ? path_of_mailbox(mailbox.name, *layout_) : "";
        const fs::path path = name.empty() ? staging_.path() : staging_.path() / name;
        make_maildir(path);
        if (layout_ == Layout::maildirpp && !name.empty()) write_file(path / "maildirfolder", "");
        return std::make_unique<MaildirFolder>(path, mailbox);
    }
    void write_subscriptions(const std::vector<std::string>& names) override {
        if (!layout_) return;
        std::string text;
        for (const auto& name : names) text += subscription_line(name, *layout_) + '\n';
        write_file(staging_.path() / "subscriptions", text);
    }
    void commit() override { staging_.commit(); }

private:
    Staging staging_;
    const std::optional<Layout> layout_;
};

}  // namespace

std::unique_ptr<Writer> maildir(const fs::path& target) {
    return std::make_unique<Maildirs>(target, std::nullopt);
}

std::unique_ptr<Writer> maildir_tree(const fs::path& target, Layout layout) {
    return std::make_unique<Maildirs>(target, layout);
}

}  // namespace mox::outlet
