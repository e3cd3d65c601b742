#include "db/seal.hpp"

#include <sqlite3.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace mox::db {

namespace {

// The bytes that are hashed: for each value its type, then eight bytes of number or of length, least significant first,
// then text or blob. Kept from row to row, so that nothing is allocated.
class Buffer {
public:
    // For so many values; what texts and blobs need comes on top.
    void begin(int count) {
        size_ = reserved_ = 0;
        reserve(number_bytes * static_cast<std::size_t>(count));
    }
    void append(sqlite3_value* value) {
        const int type = ::sqlite3_value_type(value);
        switch (type) {
            case SQLITE_INTEGER:
                append_number(type, static_cast<std::uint64_t>(::sqlite3_value_int64(value)));
                break;
            case SQLITE_FLOAT:
                append_number(type, std::bit_cast<std::uint64_t>(::sqlite3_value_double(value)));
                break;
            case SQLITE_TEXT:
            case SQLITE_BLOB: {
                // Databases are UTF-8. Asking for text would have most of it copied, for the sake of a zero at its end.
                const void* bytes = ::sqlite3_value_blob(value);
                const auto length = static_cast<std::size_t>(::sqlite3_value_bytes(value));
                append_number(type, length);
                if (length == 0) break;
                reserve(length);
                std::memcpy(bytes_.data() + size_, bytes, length);
                size_ += length;
                break;
            }
            default:
                bytes_[size_++] = static_cast<char>(type);  // NULL
        }
    }
    [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), size_}; }

private:
    static constexpr std::size_t number_bytes = 9;

    // Room for `count` bytes more than was reserved before.
    void reserve(std::size_t count) {
        reserved_ += count;
        if (bytes_.size() < reserved_) bytes_.resize(reserved_ * 2);
    }
    void append_number(int type, std::uint64_t number) {
        char* at = bytes_.data() + size_;
        size_ += number_bytes;
        *at = static_cast<char>(type);
        for (int i = 0; i < 8; ++i) at[1 + i] = static_cast<char>(number >> (8 * i) & 0xff);
    }

    std::vector<char> bytes_ = std::vector<char>(1024);
    std::size_t size_ = 0, reserved_ = 0;
};

extern "C" void seal_function(sqlite3_context* context, int count, sqlite3_value** values) {
    try {
        thread_local Buffer buffer;
        buffer.begin(count);
        for (int i = 0; i < count; ++i) buffer.append(values[i]);
        ::sqlite3_result_int64(context, static_cast<sqlite3_int64>(xxh3_64(buffer.bytes())));
    } catch (...) {  // only memory can fail here, and SQLite is C
        ::sqlite3_result_error_nomem(context);
    }
}

}  // namespace

void register_seal(sqlite3* handle) {
    ::sqlite3_create_function_v2(handle, "mox_seal", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                 seal_function, nullptr, nullptr, nullptr);
}

}  // namespace mox::db
