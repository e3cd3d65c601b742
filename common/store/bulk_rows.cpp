#include "store/bulk_rows.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <tuple>

#include "base/error.hpp"

namespace mox::store {

namespace {

constexpr std::size_t buffer_bytes = 256U << 10U;
constexpr std::size_t sorted_in_memory = 100'000;

// What a row has besides its texts, which follow it.
struct Head {
    MessageId id;
    std::int64_t ordinal, save_date, size_bytes;
    MailboxId mailbox_destined;
    Timestamp received;
    Sha256Digest file_sha256;
    std::uint32_t mailbox, flags;
    std::uint32_t keywords, prefix, message_id, subject_base, structure;  // sizes
    bool has_save_date, is_reject, is_forward, muted, collapsed, has_message;
};
static_assert(std::is_trivially_copyable_v<Head>);

std::uint32_t size_of(std::string_view text) {
    return static_cast<std::uint32_t>(text.size());
}

}  // namespace

BulkRows::BulkRows(std::filesystem::path scratch)
    : scratch_(std::move(scratch)),
      fd_(::open(scratch_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)),
      places_(scratch_.native() + "-places") {
    if (!fd_) throw system_error(errno, "create", scratch_.native());
    remove_file(scratch_);
}

void BulkRows::append(const BulkRow& row, std::int64_t order) {
    const Head head{.id = row.id,
                    .ordinal = row.ordinal,
                    .save_date = row.origin.save_date.value_or(0),
                    .size_bytes = row.size_bytes,
                    .mailbox_destined = row.origin.mailbox_destined,
                    .received = row.received,
                    .file_sha256 = row.file_sha256,
                    .mailbox = row.mailbox,
                    .flags = row.flags.bits(),
                    .keywords = size_of(row.keywords),
                    .prefix = size_of(row.prefix),
                    .message_id = size_of(row.message_id),
                    .subject_base = size_of(row.subject_base),
                    .structure = size_of(row.structure),
                    .has_save_date = row.origin.save_date.has_value(),
                    .is_reject = row.origin.is_reject,
                    .is_forward = row.origin.is_forward,
                    .muted = row.origin.muted,
                    .collapsed = row.origin.collapsed,
                    .has_message = row.has_message};
    buffer_.append(reinterpret_cast<const char*>(&head), sizeof head);
    for (const auto text : {row.keywords, row.prefix, row.message_id, row.subject_base, row.structure})
        buffer_.append(text);
    if (buffer_.size() >= buffer_bytes) flush();
    if (!row.has_message) return;
    has_order_ = has_order_ || order != 0;
    places_.append({.number = messages_++, .order = order, .ordinal = row.ordinal, .mailbox = row.mailbox});
}

void BulkRows::flush() {
    write_all(fd_.get(), buffer_, scratch_);
    buffer_.clear();
}

void BulkRows::finish() {
    flush();
    if (::lseek(fd_.get(), 0, SEEK_SET) != 0) throw system_error(errno, "seek in", scratch_.native());
    if (!has_order_) return;
    const std::filesystem::path path = scratch_.native() + "-sorting";
    const RecordFile<Place> by_order =
        sorted_records(places_, path, sorted_in_memory, [](const Place& a, const Place& b) {
            return std::tuple(a.mailbox, a.order, a.ordinal) < std::tuple(b.mailbox, b.order, b.ordinal);
        });
    const RecordFile<Place> by_ordinal =
        sorted_records(places_, path, sorted_in_memory, [](const Place& a, const Place& b) {
            return std::tuple(a.mailbox, a.ordinal) < std::tuple(b.mailbox, b.ordinal);
        });
    RecordFile<Place> moved(path);
    RecordFile<Place>::Reader messages(by_order), ordinals(by_ordinal);
    while (const Place* message = messages.next()) {
        Place place = *message;
        place.ordinal = ordinals.next()->ordinal;
        moved.append(place);
    }
    sorted_.emplace(sorted_records(moved, path, sorted_in_memory,
                                   [](const Place& a, const Place& b) { return a.number < b.number; }));
    next_place_.emplace(*sorted_);
}

// False at the end of the file.
bool BulkRows::read(char* to, std::size_t count) {
    while (count > 0) {
        if (at_ == buffer_.size()) {
            buffer_.resize(buffer_bytes);
            buffer_.resize(read_full(fd_.get(), std::as_writable_bytes(std::span(buffer_)), scratch_));
            at_ = 0;
            if (buffer_.empty()) return false;
        }
        const std::size_t part = std::min(count, buffer_.size() - at_);
        std::memcpy(to, buffer_.data() + at_, part);
        to += part;
        at_ += part;
        count -= part;
    }
    return true;
}

const BulkRow* BulkRows::next() {
    Head head;
    if (!read(reinterpret_cast<char*>(&head), sizeof head)) return nullptr;
    texts_.resize(std::size_t{head.keywords} + head.prefix + head.message_id + head.subject_base + head.structure);
    if (!read(texts_.data(), texts_.size())) throw Error(Errc::failed, "a scratch file is cut off");
    std::string_view rest = texts_;
    const auto take = [&](std::uint32_t size) {
        const auto text = rest.substr(0, size);
        rest.remove_prefix(size);
        return text;
    };
    row_ = {.id = head.id,
            .mailbox = head.mailbox,
            .ordinal = head.ordinal,
            .flags = model::Flags::from_bits(head.flags),
            .origin = {.save_date = head.has_save_date ? std::optional(head.save_date) : std::nullopt,
                       .mailbox_destined = head.mailbox_destined,
                       .is_reject = head.is_reject,
                       .is_forward = head.is_forward,
                       .muted = head.muted,
                       .collapsed = head.collapsed},
            .keywords = take(head.keywords),
            .has_message = head.has_message,
            .size_bytes = head.size_bytes,
            .received = head.received,
            .file_sha256 = head.file_sha256,
            .prefix = take(head.prefix),
            .message_id = take(head.message_id),
            .subject_base = take(head.subject_base),
            .structure = take(head.structure)};
    if (head.has_message && next_place_) row_.ordinal = next_place_->next()->ordinal;
    return &row_;
}

}  // namespace mox::store
