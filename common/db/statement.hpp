#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

struct sqlite3_stmt;

namespace mox::db {

class Database;

// Bytes to bind as a BLOB. A string binds as TEXT. Keeps a view, for the length of one call.
struct Blob {
    explicit Blob(std::string_view text) : bytes(text) {}
    explicit Blob(std::span<const std::byte> data) : bytes(reinterpret_cast<const char*>(data.data()), data.size()) {}
    std::string_view bytes;
};

// One prepared statement, reset and given back to its database's cache at the end. Not thread-safe; may not outlive the
// database. Everything throws Error as Database does.
class Statement {
public:
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    // Binds all parameters, from the first one on; text and blobs are copied.
    template <class... Arguments>
    Statement& bind(const Arguments&... arguments) {
        reset();
        int index = 0;
        (bind_one(++index, arguments), ...);
        return *this;
    }
    // True when there is a row.
    bool step();
    void reset();
    // For statements that give no rows: binds, executes, resets. Returns the number of changed rows.
    template <class... Arguments>
    std::int64_t run(const Arguments&... arguments) {
        bind(arguments...);
        return run_bound();
    }

    [[nodiscard]] bool is_null(int column) const;
    // Value of a column of the current row. string_view and spans are valid until the next step() or reset(). NULL
    // reads as 0 or empty unless T is an optional.
    template <class T>
    [[nodiscard]] T column(int index) const {
        if constexpr (is_optional<T>::value) {
            if (is_null(index)) return std::nullopt;
            return column<typename T::value_type>(index);
        } else if constexpr (std::is_enum_v<T>) {
            return static_cast<T>(static_cast<std::underlying_type_t<T>>(integer(index)));
        } else if constexpr (std::is_same_v<T, bool>) {
            return integer(index) != 0;
        } else if constexpr (std::is_integral_v<T>) {
            return static_cast<T>(integer(index));
        } else if constexpr (std::is_floating_point_v<T>) {
            return static_cast<T>(real(index));
        } else {
            return T(text(index));  // std::string, std::string_view: the bytes of TEXT and BLOB
        }
    }
    template <class... Columns>
    [[nodiscard]] std::tuple<Columns...> row() const {
        return row_at<Columns...>(std::index_sequence_for<Columns...>{});
    }

private:
    friend class Database;
    Statement(Database& database, sqlite3_stmt* statement, bool* in_use)
        : database_(&database),
          statement_(statement),
          in_use_(in_use) {}

    template <class T>
    struct is_optional : std::false_type {};
    template <class T>
    struct is_optional<std::optional<T>> : std::true_type {};

    template <class T>
    void bind_one(int index, const T& value) {
        if constexpr (is_optional<T>::value) {
            value ? bind_one(index, *value) : bind_null(index);
        } else if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>) {
            bind_null(index);
        } else if constexpr (std::is_same_v<T, Blob>) {
            bind_blob(index, value.bytes);
        } else if constexpr (std::is_enum_v<T>) {
            bind_integer(index, static_cast<std::int64_t>(value));
        } else if constexpr (std::is_integral_v<T>) {
            bind_integer(index, static_cast<std::int64_t>(value));
        } else if constexpr (std::is_floating_point_v<T>) {
            bind_real(index, value);
        } else {
            bind_text(index, std::string_view(value));
        }
    }
    template <class... Columns, std::size_t... Indexes>
    std::tuple<Columns...> row_at(std::index_sequence<Indexes...>) const {
        return std::tuple<Columns...>(column<Columns>(static_cast<int>(Indexes))...);
    }

    void bind_null(int index);
    void bind_integer(int index, std::int64_t value);
    void bind_real(int index, double value);
    void bind_text(int index, std::string_view value);
    void bind_blob(int index, std::string_view value);
    std::int64_t run_bound();
    [[nodiscard]] std::int64_t integer(int index) const;
    [[nodiscard]] double real(int index) const;
    [[nodiscard]] std::string_view text(int index) const;

    Database* database_;
    sqlite3_stmt* statement_;
    bool* in_use_;  // of the database's cache, which finalises the statement; null: ours
};

// The rows of a bound statement in a range-for, each a tuple:
//   for (const auto& [id, name] : db.rows<std::int64_t, std::string>("SELECT id, name FROM mailbox WHERE …", x))
template <class... Columns>
class Rows {
public:
    explicit Rows(Statement statement) : statement_(std::move(statement)) {}

    struct End {};
    class Iterator {
    public:
        explicit Iterator(Statement& statement) : statement_(&statement), has_row_(statement.step()) {}
        std::tuple<Columns...> operator*() const { return statement_->row<Columns...>(); }
        Iterator& operator++() {
            has_row_ = statement_->step();
            return *this;
        }
        bool operator!=(End) const { return has_row_; }

    private:
        Statement* statement_;
        bool has_row_;
    };
    Iterator begin() { return Iterator(statement_); }
    End end() { return {}; }

private:
    Statement statement_;
};

}  // namespace mox::db
