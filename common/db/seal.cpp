#include "db/seal.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "base/hash.hpp"

namespace mox::db {

namespace {

void append_integer(std::string& out, std::uint64_t value) {
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (8 * i) & 0xff);
    out.append(bytes, sizeof bytes);
}

void append_value(std::string& out, sqlite3_value* value) {
    const int type = ::sqlite3_value_type(value);
    out += static_cast<char>(type);
    switch (type) {
        case SQLITE_INTEGER:
            append_integer(out, static_cast<std::uint64_t>(::sqlite3_value_int64(value)));
            break;
        case SQLITE_FLOAT: {
            const double number = ::sqlite3_value_double(value);
            std::uint64_t bits = 0;
            std::memcpy(&bits, &number, sizeof bits);
            append_integer(out, bits);
            break;
        }
        case SQLITE_TEXT:
        case SQLITE_BLOB: {
            const void* bytes = type == SQLITE_TEXT ? ::sqlite3_value_text(value) : ::sqlite3_value_blob(value);
            const auto size = static_cast<std::size_t>(::sqlite3_value_bytes(value));
            append_integer(out, size);
            if (size > 0) out.append(static_cast<const char*>(bytes), size);
            break;
        }
        default:
            break;  // NULL
    }
}

extern "C" void seal_function(sqlite3_context* context, int count, sqlite3_value** values) {
    try {
        thread_local std::string buffer;
        buffer.clear();
        for (int i = 0; i < count; ++i) append_value(buffer, values[i]);
        ::sqlite3_result_int64(context, static_cast<sqlite3_int64>(xxh3_64(buffer)));
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
