#include <algorithm>
#include <deque>
#include <exception>
#include <iterator>
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

TreeProgress progress_of(const archive::Reader& reader) {
    return {.done = reader.bytes_read(), .total = reader.total_bytes().value_or(0)};
}

class ArchiveTree final : public MailTree {
public:
    ArchiveTree(std::filesystem::path path, const TreeOptions& options)
        : path_(std::move(path)),
          name_(escaped(path_.filename().native())),
          options_(options) {
        build_index();
        options_.looking_around = nullptr;  // what it refers to may go now
    }

    std::string description() const override {
        return "an archive with mail of " + std::to_string(folders().size()) +
               (folders().size() == 1 ? " folder" : " folders");
    }
    const std::vector<TreeFolder>& folders() const override { return index_.folders(); }
    void select(std::vector<bool> wanted) override { wanted_ = std::move(wanted); }
    std::optional<TreeMessage> next() override;
    TreeProgress progress() const override { return reader_ ? progress_of(*reader_) : TreeProgress{}; }
    Warnings take_warnings() override { return std::exchange(warnings_, {}); }

private:
    void build_index();
    void index_members(archive::Reader& reader);
    std::optional<TreeMessage> next_of_mbox();
    std::optional<TreeMessage> take_member(const archive::Member& member);
    std::optional<TreeMessage> take_file(const archive::Member& member, std::uint64_t ordinal);
    TreeMessage describe(const archive::Member& member, std::string_view path, const ArchiveIndex::Place& place);
    void describe_maildir_message(RawMessage& message, std::string_view path, std::size_t folder);
    ByteBuffer read_contents(const archive::Member& member, bool& too_large);
    std::optional<TreeMessage> take_dangling_link();
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
    std::exception_ptr index_failure_;  // where looking around ended early: nobody knows what comes then
    std::uint64_t indexed_ = 0;         // members it looked at
    std::uint64_t ordinal_ = 0;
    std::deque<TreeMessage> waiting_;      // other names of a message that was read
    std::unique_ptr<MessageSource> mbox_;  // of the current member
    std::size_t mbox_folder_ = 0;
    bool at_end_ = false, ended_ = false;  // of the archive; early
    Warnings warnings_;
};

void ArchiveTree::build_index() {
    archive::Reader reader = open_reader(path_);
    try {
        index_members(reader);
    } catch (const Error& error) {
        if (!may_end_early(error)) throw;
        index_failure_ = std::current_exception();  // said by the pass that reads the messages
    }
    index_.finish(warnings_);
    if (index_.folders().empty())
        throw Error(Errc::unknown_format, "no mail in archive " + quote(path_.native()),
                    "it may hold maildirs, mbox files and files that end in .eml");
}

void ArchiveTree::index_members(archive::Reader& reader) {
    std::string block(block_bytes, '\0');
    const ArchiveIndex::Read read = [&](std::size_t most) {
        const auto room = std::as_writable_bytes(std::span(block).first(std::min(most, block.size())));
        return std::string_view(block).substr(0, reader.read(room));
    };
    for (;; ++indexed_) {
        check_interrupt();
        const auto member = reader.next();
        if (!member) return;
        if (options_.looking_around) options_.looking_around(progress_of(reader));
        if (!archive::path_problem(member->path).empty()) continue;  // named by the other pass
        switch (member->kind) {
            case archive::Kind::folder:
                index_.add_folder(member->path);
                break;
            case archive::Kind::hard_link:
                index_.add_link(member->path, member->link_target);
                break;
            case archive::Kind::file:
                if (member->encrypted)
                    throw Error(Errc::corrupt, origin_of(member->path) + " is encrypted",
                                "unpack the archive, then import it");
                index_.add_file(indexed_, member->path, read, warnings_);
                break;
            default:
                break;
        }
    }
}

std::optional<TreeMessage> ArchiveTree::next() try {
    if (!reader_) reader_.emplace(open_reader(path_));
    while (!ended_) {
        check_interrupt();
        if (!waiting_.empty()) {
            TreeMessage message = std::move(waiting_.front());
            waiting_.pop_front();
            return message;
        }
        if (mbox_) {
            if (auto message = next_of_mbox()) return message;
            continue;
        }
        if (at_end_) return take_dangling_link();
        if (index_failure_ && ordinal_ == indexed_) std::rethrow_exception(index_failure_);
        const auto member = reader_->next();
        at_end_ = !member;
        if (!member) continue;
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
        return TreeMessage{std::move(*message), mbox_folder_};
    }
    close_mbox();
    return std::nullopt;
}

void ArchiveTree::close_mbox() {
    warnings_.add(mbox_->take_warnings());
    mbox_.reset();
}

std::optional<TreeMessage> ArchiveTree::take_member(const archive::Member& member) {
    const std::uint64_t ordinal = ordinal_++;
    if (member.kind == archive::Kind::folder && member.path == ".") return std::nullopt;
    if (const auto problem = archive::path_problem(member.path); !problem.empty()) {
        TreeMessage refused;
        refused.message.origin = origin_of(member.path);
        refused.message.failure =
            Failure{FailureKind::unsafe, refused.message.origin + ": the path " + std::string(problem) + ", refused"};
        return refused;
    }
    switch (member.kind) {
        case archive::Kind::file:
            return take_file(member, ordinal);
        case archive::Kind::folder:
            break;
        case archive::Kind::hard_link:  // comes with its target
            if (index_.place_of_link(member.path).role != ArchiveIndex::Role::nothing) break;
            [[fallthrough]];
        default:
            warnings_.add(WarningKind::skipped, origin_of(member.path) + ": a link or device, skipped");
    }
    return std::nullopt;
}

std::optional<TreeMessage> ArchiveTree::take_file(const archive::Member& member, std::uint64_t ordinal) {
    const ArchiveIndex::Place place = index_.place_of(ordinal, member.path);
    if (place.role == ArchiveIndex::Role::mbox) {
        if (!is_wanted(place.folder)) return std::nullopt;
        mbox_folder_ = place.folder;
        mbox_ = open_mbox(ByteInput{.name = name_ + ": " + member.path,
                                    .read = [this](std::span<std::byte> buffer) { return reader_->read(buffer); }},
                          options_.source);
        return std::nullopt;
    }
    std::vector<TreeMessage> found;
    const auto add = [&](std::string_view path, const ArchiveIndex::Place& at) {
        if (at.role != ArchiveIndex::Role::nothing && is_wanted(at.folder)) found.push_back(describe(member, path, at));
    };
    add(member.path, place);
    for (const auto& path : index_.take_links_to(member.path)) add(path, index_.place_of_link(path));
    if (found.empty()) return std::nullopt;
    bool too_large = false;
    ByteBuffer contents = read_contents(member, too_large);
    for (std::size_t i = found.size(); i-- > 0;) {
        auto& message = found[i].message;
        if (too_large)
            message.failure = too_large_failure(message.origin, options_.source.max_message_bytes);
        else
            std::get<InlineBody>(message.body).bytes = i == 0 ? std::move(contents) : ByteBuffer(contents.text());
    }
    waiting_.assign(std::make_move_iterator(found.begin() + 1), std::make_move_iterator(found.end()));
    return std::move(found[0]);
}

// The message of `member` at one of its paths, without its contents.
TreeMessage ArchiveTree::describe(const archive::Member& member, std::string_view path,
                                  const ArchiveIndex::Place& place) {
    TreeMessage found{.folder = place.folder};
    found.message.origin = origin_of(path);
    const Timestamp modified{.seconds = member.modified};
    if (place.role == ArchiveIndex::Role::maildir_message) {
        describe_maildir_message(found.message, path, place.folder);
        if (member.modified > 0) found.message.file_time = modified;
    } else {
        found.message.body = InlineBody{.is_mbox = false};
        if (member.modified > 0) found.message.last_resort = modified;
    }
    return found;
}

// A link whose target the archive does not have.
std::optional<TreeMessage> ArchiveTree::take_dangling_link() {
    while (const auto link = index_.take_dangling_link()) {
        const auto place = index_.place_of_link(link->first);
        if (place.role == ArchiveIndex::Role::nothing || !is_wanted(place.folder)) continue;
        TreeMessage lost{.folder = place.folder};
        lost.message.origin = origin_of(link->first);
        lost.message.failure =
            Failure{FailureKind::vanished, lost.message.origin + ": a hard link to " + quote(link->second) +
                                               ", which the archive does not have before it"};
        return lost;
    }
    return std::nullopt;
}

void ArchiveTree::describe_maildir_message(RawMessage& message, std::string_view path, std::size_t folder) {
    const auto slash = path.rfind('/');
    const auto file_name = path.substr(slash + 1);
    // UIDs have 32 bits; messages without one come after.
    constexpr std::int64_t after_uids = std::int64_t{1} << 62U;
    const auto& details = index_.details(folder);
    const bool exact = describe_by_name(message, file_name, details.marks);
    message.body = InlineBody{.is_mbox = false, .exact = exact};
    const auto uid = details.uids.uid_of(file_name);
    message.order = uid ? *uid : after_uids + maildir_rank(file_name, path.substr(0, slash).ends_with("cur"));
}

ByteBuffer ArchiveTree::read_contents(const archive::Member& member, bool& too_large) {
    const std::uint64_t limit = options_.source.max_message_bytes;
    ByteBuffer contents;
    too_large = member.size_bytes && static_cast<std::uint64_t>(*member.size_bytes) > limit;
    std::string block(too_large ? 0 : block_bytes, '\0');
    while (!too_large) {
        const std::size_t count = reader_->read(std::as_writable_bytes(std::span(block)));
        if (count == 0) return contents;
        contents.append(std::string_view(block).substr(0, count));
        too_large = contents.size() > limit;
    }
    return {};
}

}  // namespace

std::unique_ptr<MailTree> open_archive_tree(const std::filesystem::path& path, const TreeOptions& options) {
    if (path == "-")
        throw Error(Errc::usage, "an archive cannot be read from standard input",
                    "save it to a file first: it has to be read twice");
    return std::make_unique<ArchiveTree>(path, options);
}

}  // namespace mox::intake
