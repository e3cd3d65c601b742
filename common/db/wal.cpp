#include "db/wal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"

namespace mox::db {

namespace {

constexpr std::size_t header_size = 32, frame_header_size = 24;
constexpr std::uint32_t magic = 0x377f0682;  // the lowest bit: checksums of big-endian words

using Sum = std::array<std::uint32_t, 2>;

std::uint32_t word(std::span<const std::byte> bytes, std::size_t at, bool big_endian = true) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8U | static_cast<std::uint32_t>(bytes[at + (big_endian ? i : 3 - i)]);
    return value;
}

Sum summed(Sum sum, std::span<const std::byte> bytes, bool big_endian) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        sum[0] += word(bytes, at, big_endian) + sum[1];
        sum[1] += word(bytes, at + 4, big_endian) + sum[0];
    }
    return sum;
}

struct Header {
    bool big_endian = false, is_valid = false;
    std::uint32_t page_size = 0;
    std::uint64_t salt = 0;
    Sum sum{};
};

std::uint64_t salt_of(std::span<const std::byte> bytes, std::size_t at) {
    return static_cast<std::uint64_t>(word(bytes, at)) << 32U | word(bytes, at + 4);
}

Header header_of(std::span<const std::byte> bytes) {
    Header header{.big_endian = (word(bytes, 0) & 1U) != 0, .page_size = word(bytes, 8), .salt = salt_of(bytes, 16)};
    header.sum = {word(bytes, 24), word(bytes, 28)};
    header.is_valid = (word(bytes, 0) & ~1U) == magic && std::has_single_bit(header.page_size) &&
                      header.page_size >= 512 && header.page_size <= 65'536 &&
                      summed({}, bytes.first(24), header.big_endian) == header.sum;
    return header;
}

// Page size of the database, for a log whose header does not say it.
std::uint32_t page_size_of(const std::filesystem::path& database) {
    const auto fd = open_for_reading(database);
    std::array<std::byte, 18> head{};
    if (read_full(fd.get(), head, database) < head.size()) return 0;
    const auto size = static_cast<std::uint32_t>(head[16]) << 8U | static_cast<std::uint32_t>(head[17]);
    return size == 1 ? 65'536 : size;
}

// Follows the frames of one log. A frame fits when its checksum goes on from the one that the frame before it says.
class Frames {
public:
    explicit Frames(const Header& header) : header_(header), before_(header.sum) {}

    // False when there is nothing more to learn: frames of an earlier use of the file.
    bool add(std::span<const std::byte> frame) {
        ++number_;
        const auto salt = salt_of(frame, 8);
        if (!header_.is_valid && number_ == 1) header_.salt = salt;
        const Sum sum{word(frame, 16), word(frame, 20)};
        const Sum expected = summed(summed(before_, frame.first(8), header_.big_endian),
                                    frame.subspan(frame_header_size), header_.big_endian);
        const bool fits = salt == header_.salt && sum == expected && word(frame, 0) != 0;
        before_ = sum;
        if (!fits && first_bad_ == 0 && (header_.is_valid || number_ > 1)) first_bad_ = number_;
        if (first_bad_ != 0 || !header_.is_valid) {
            if (fits && committed_) is_certain_ = true;  // another transaction was begun
            // The last frame of a transaction says how many pages the database has.
            committed_ = committed_ || (salt == header_.salt && word(frame, 4) != 0);
        }
        misses_ = fits ? 0 : misses_ + 1;
        return !is_certain_ && misses_ < most_misses;
    }
    [[nodiscard]] bool is_certain() const { return is_certain_; }
    [[nodiscard]] std::string text() const {
        if (!header_.is_valid) return "the log beside it has a damaged header: its transactions are lost";
        return fmt::format("the log beside it is damaged at frame {}: transactions from there on are lost", first_bad_);
    }

private:
    static constexpr std::uint64_t most_misses = 1'000;
    Header header_;
    Sum before_;
    std::uint64_t number_ = 0, first_bad_ = 0, misses_ = 0;
    bool committed_ = false, is_certain_ = false;
};

}  // namespace

std::string wal_damage(const std::filesystem::path& database) {
    const std::filesystem::path path = database.native() + "-wal";
    const auto status = status_of(path);
    if (!status || !S_ISREG(status->st_mode) || status->st_size < static_cast<off_t>(header_size)) return {};
    const auto fd = open_for_reading(path);
    std::array<std::byte, header_size> head{};
    if (read_full(fd.get(), head, path) < head.size()) return {};
    Header header = header_of(head);
    if (!header.is_valid) header.page_size = page_size_of(database);
    if (header.page_size == 0) return {};
    std::vector<std::byte> frame(frame_header_size + header.page_size);
    // Of a damaged header not even the order of bytes is certain.
    for (const bool big_endian : {header.big_endian, !header.big_endian}) {
        header.big_endian = big_endian;
        Frames frames(header);
        if (::lseek(fd.get(), header_size, SEEK_SET) < 0) return {};
        while (read_full(fd.get(), frame, path) == frame.size() && frames.add(frame)) check_interrupt();
        if (frames.is_certain()) return frames.text();
        if (header.is_valid) break;
    }
    return {};
}

}  // namespace mox::db
