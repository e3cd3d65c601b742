#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "store/bulk.hpp"
#include "store/record_file.hpp"

namespace mox::store {

// One placement of a bulk insert, and the message itself with its first one. Views are of the caller, or valid until
// the next row is read.
struct BulkRow {
    MessageId id{};
    std::uint32_t mailbox = 0;  // index of the target
    std::int64_t ordinal = 0;   // among the mailbox's messages, from 0
    model::Flags flags;
    BulkInsert::Origin origin;
    std::string_view keywords;  // joined

    bool has_message = false;  // the rest
    std::int64_t size_bytes = 0;
    Timestamp received;
    Sha256Digest file_sha256{};
    std::string_view prefix, message_id, subject_base, structure;
};

// The rows of a bulk insert on their way to the database, in a nameless file: written in one go, read in one go. One
// thread at a time.
class BulkRows {
public:
    // Files are made and at once unlinked beside `scratch`, with names that start like it.
    explicit BulkRows(std::filesystem::path scratch);

    // `order`: see BulkInsert::Item.
    void append(const BulkRow& row, std::int64_t order);
    // After the last append(): the messages of each mailbox change places among themselves, so that their ordinals
    // follow their order.
    void finish();
    // The rows in the order of append(); null at the end.
    const BulkRow* next();

private:
    struct Place {
        std::uint64_t number;  // of the row, among those with messages
        std::int64_t order, ordinal;
        std::uint32_t mailbox;
    };
    void flush();
    bool read(char* to, std::size_t count);

    std::filesystem::path scratch_;
    UniqueFd fd_;
    std::string buffer_;  // what is not written yet, then what was read last
    std::size_t at_ = 0;  // in buffer_, while reading
    bool has_order_ = false;
    std::uint64_t messages_ = 0;
    RecordFile<Place> places_;
    std::optional<RecordFile<Place>> sorted_;
    std::optional<RecordFile<Place>::Reader> next_place_;
    BulkRow row_;
    std::string texts_;  // what row_ points into
};

}  // namespace mox::store
