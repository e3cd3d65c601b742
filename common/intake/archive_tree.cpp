#include <algorithm>
#include <utility>

#include "archive/reader.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "intake/archive_index.hpp"
#include "intake/mail_tree.hpp"

namespace mox::intake {

namespace {

// Mail packs to a tenth, perhaps, and logs in mail to a fiftieth.
constexpr std::uint64_t most_expansion = 200;
constexpr std::size_t block_bytes = 65536;

archive::Reader open_reader(const std::filesystem::path& path) {
    return archive::open_archive(path, archive::Accept::tar_or_zip, {.most_expansion = most_expansion});
}

class ArchiveTree final : public MailTree {
public:
    ArchiveTree(std::filesystem::path path, const TreeOptions& options)
        : path_(std::move(path)),
          name_(escaped(path_.filename().native())),
          options_(options) {
        build_index();
    }

    std::string description() const override {
        return "an archive with mail of " + std::to_string(folders().size()) +
               (folders().size() == 1 ? " folder" : " folders");
    }
    const std::vector<TreeFolder>& folders() const override { return index_.folders(); }
    void select(std::vector<bool> wanted) override { wanted_ = std::move(wanted); }
    std::optional<TreeMessage> next() override;
    Progress progress() const override {
        Progress now{.messages = messages_};
        if (reader_) {
            now.bytes = reader_->bytes_read();
            now.total_bytes = reader_->total_bytes();
        }
        return now;
    }
    const Warnings& warnings() const override { return warnings_; }

private:
    void build_index();
    void index_members(archive::Reader& reader);
    std::optional<TreeMessage> next_of_mbox();
    std::optional<TreeMessage> take_member(const archive::Member& member);
    void read_contents(RawMessage& message, const archive::Member& member);
    void describe_maildir_message(RawMessage& message, std::string_view file_name, std::size_t folder);
    std::string origin_of(std::string_view path) const { return name_ + ": " + escaped(path); }
    bool is_wanted(std::size_t folder) const { return wanted_.empty() || wanted_[folder]; }
    void close_mbox();
    // True when the error is about the archive and what came before it is to be kept.
    bool may_end_early(const Error& error) const { return options_.keep_partial && error.code() == Errc::corrupt; }

    std::filesystem::path path_;
    std::string name_;
    TreeOptions options_;
    ArchiveIndex index_;
    std::vector<bool> wanted_;
    std::optional<archive::Reader> reader_;
    std::uint64_t ordinal_ = 0;
    std::uint64_t messages_ = 0;
    std::unique_ptr<MessageSource> mbox_;  // of the current member
    std::size_t mbox_folder_ = 0;
    bool ended_ = false;
    Warnings warnings_;
};

void ArchiveTree::build_index() {
    archive::Reader reader = open_reader(path_);
    try {
        index_members(reader);
    } catch (const Error& error) {
        if (!may_end_early(error)) throw;  // said by the pass that reads the messages
    }
    index_.finish(warnings_);
    if (index_.folders().empty())
        throw Error(Errc::unknown_format, "no mail in archive " + quote(path_.native()),
                    "it may hold maildirs, mbox files and files that end in .eml");
}

void ArchiveTree::index_members(archive::Reader& reader) {
    for (std::uint64_t ordinal = 0;; ++ordinal) {
        check_interrupt();
        const auto member = reader.next();
        if (!member) return;
        if (!archive::path_problem(member->path).empty()) continue;  // named by the other pass
        if (member->kind == archive::Kind::folder) index_.add_folder(member->path);
        if (member->kind != archive::Kind::file) continue;
        if (member->encrypted)
            throw Error(Errc::corrupt, origin_of(member->path) + " is encrypted", "unpack the archive, then import it");
        index_.add_file(
            ordinal, member->path,
            [&](std::size_t limit) {
                std::string text;
                while (text.size() < limit) {
                    const std::size_t have = text.size();
                    text.resize(std::min(limit, have + block_bytes));
                    const auto count = reader.read(std::as_writable_bytes(std::span(text).subspan(have)));
                    text.resize(have + count);
                    if (count == 0) break;
                }
                return text;
            },
            warnings_);
    }
}

std::optional<TreeMessage> ArchiveTree::next() try {
    if (!reader_) reader_.emplace(open_reader(path_));
    while (!ended_) {
        check_interrupt();
        if (mbox_) {
            if (auto message = next_of_mbox()) return message;
            continue;
        }
        const auto member = reader_->next();
        if (!member) break;
        if (auto message = take_member(*member)) return message;
    }
    return std::nullopt;
} catch (const Error& error) {
    if (!may_end_early(error) || ended_) throw;
    ended_ = true;
    mbox_.reset();
    TreeMessage rest;
    rest.message.origin = name_;
    rest.message.failure =
        Failure{FailureKind::unreadable, std::string(error.what()) + "; what came before is imported"};
    return rest;
}

std::optional<TreeMessage> ArchiveTree::next_of_mbox() {
    if (auto message = mbox_->next()) {
        ++messages_;
        return TreeMessage{std::move(*message), mbox_folder_};
    }
    close_mbox();
    return std::nullopt;
}

void ArchiveTree::close_mbox() {
    for (const auto& warning : mbox_->warnings().list) warnings_.add(warning.kind, warning.text);
    warnings_.count += mbox_->warnings().count - mbox_->warnings().list.size();
    mbox_.reset();
}

std::optional<TreeMessage> ArchiveTree::take_member(const archive::Member& member) {
    const std::uint64_t ordinal = ordinal_++;
    if (const auto problem = archive::path_problem(member.path); !problem.empty()) {
        TreeMessage refused;
        refused.message.origin = origin_of(member.path);
        refused.message.failure =
            Failure{FailureKind::unsafe, refused.message.origin + ": the path " + std::string(problem) + ", refused"};
        return refused;
    }
    if (member.kind == archive::Kind::folder) return std::nullopt;
    if (member.kind != archive::Kind::file) {
        warnings_.add(WarningKind::skipped, origin_of(member.path) + ": a link or device, skipped");
        return std::nullopt;
    }
    const ArchiveIndex::Place place = index_.place_of(ordinal, member.path);
    if (place.role == ArchiveIndex::Role::nothing || !is_wanted(place.folder)) return std::nullopt;
    if (place.role == ArchiveIndex::Role::mbox) {
        mbox_folder_ = place.folder;
        mbox_ = open_mbox(ByteInput{.name = name_ + ": " + member.path,
                                    .read = [this](std::span<std::byte> buffer) { return reader_->read(buffer); }},
                          options_.source);
        return std::nullopt;
    }
    TreeMessage found{.folder = place.folder};
    found.message.origin = origin_of(member.path);
    const Timestamp modified{.seconds = member.modified};
    if (place.role == ArchiveIndex::Role::maildir_message) {
        describe_maildir_message(found.message, std::string_view(member.path).substr(member.path.rfind('/') + 1),
                                 place.folder);
        if (member.modified > 0) found.message.file_time = modified;
    } else {
        found.message.body = InlineBody{.is_mbox = false};
        if (member.modified > 0) found.message.last_resort = modified;
    }
    read_contents(found.message, member);
    ++messages_;
    return found;
}

void ArchiveTree::describe_maildir_message(RawMessage& message, std::string_view file_name, std::size_t folder) {
    // UIDs fill the lower 32 bits; messages without one come after, by their time, which has fewer than 36.
    constexpr std::int64_t after_uids = std::int64_t{1} << 40U;
    const auto& details = index_.details(folder);
    const bool exact = describe_by_name(message, file_name, details.marks);
    message.body = InlineBody{.is_mbox = false, .exact = exact};
    const auto uid = details.uids.uid_of(file_name);
    const auto time = parse_maildir_name(file_name).time;
    message.order = uid ? *uid : after_uids + time.value_or(std::int64_t{1} << 39U);
}

void ArchiveTree::read_contents(RawMessage& message, const archive::Member& member) {
    auto& body = std::get<InlineBody>(message.body);
    const std::uint64_t limit = options_.source.max_message_bytes;
    bool too_large = member.size_bytes && static_cast<std::uint64_t>(*member.size_bytes) > limit;
    std::string block(too_large ? 0 : block_bytes, '\0');
    while (!too_large) {
        const std::size_t count = reader_->read(std::as_writable_bytes(std::span(block)));
        if (count == 0) break;
        body.bytes.append(std::string_view(block).substr(0, count));
        too_large = body.bytes.size() > limit;
    }
    if (too_large) {
        body.bytes = ByteBuffer();
        message.failure = Failure{FailureKind::too_large,
                                  message.origin + ": larger than " + std::to_string(limit) + " bytes, refused"};
    }
}

}  // namespace

std::unique_ptr<MailTree> open_archive_tree(const std::filesystem::path& path, const TreeOptions& options) {
    if (path == "-")
        throw Error(Errc::usage, "an archive cannot be read from standard input",
                    "save it to a file first: it has to be read twice");
    return std::make_unique<ArchiveTree>(path, options);
}

}  // namespace mox::intake
