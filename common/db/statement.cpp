#include "db/statement.hpp"

#include <sqlite3.h>

#include "db/database.hpp"

namespace mox::db {

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      in_use_(other.in_use_) {}

Statement::~Statement() {
    if (statement_ == nullptr) return;
    if (in_use_ == nullptr) {
        ::sqlite3_finalize(statement_);
        return;
    }
    ::sqlite3_reset(statement_);
    ::sqlite3_clear_bindings(statement_);
    *in_use_ = false;
}

void Statement::reset() {
    ::sqlite3_reset(statement_);
}

bool Statement::step() {
    const int result = ::sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    database_->fail(result, "execute");
}

std::int64_t Statement::run_bound() {
    while (step()) {
    }
    reset();
    return ::sqlite3_changes64(database_->handle());
}

void Statement::bind_null(int index) {
    ::sqlite3_bind_null(statement_, index);
}

void Statement::bind_integer(int index, std::int64_t value) {
    if (const int result = ::sqlite3_bind_int64(statement_, index, value); result != SQLITE_OK)
        database_->fail(result, "bind");
}

void Statement::bind_real(int index, double value) {
    if (const int result = ::sqlite3_bind_double(statement_, index, value); result != SQLITE_OK)
        database_->fail(result, "bind");
}

void Statement::bind_text(int index, std::string_view value) {
    const int result = ::sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                                             value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (result != SQLITE_OK) database_->fail(result, "bind");
}

void Statement::bind_blob(int index, std::string_view value) {
    const int result = value.empty()
                           ? ::sqlite3_bind_zeroblob(statement_, index, 0)
                           : ::sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_TRANSIENT);
    if (result != SQLITE_OK) database_->fail(result, "bind");
}

bool Statement::is_null(int column) const {
    return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int index) const {
    return ::sqlite3_column_int64(statement_, index);
}
double Statement::real(int index) const {
    return ::sqlite3_column_double(statement_, index);
}

std::string_view Statement::text(int index) const {
    const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(statement_, index));
    return bytes == nullptr
               ? std::string_view()
               : std::string_view(bytes, static_cast<std::size_t>(::sqlite3_column_bytes(statement_, index)));
}

}  // namespace mox::db
