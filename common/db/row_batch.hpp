#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "db/database.hpp"

namespace mox::db {

// Bytes to insert as a BLOB, kept until then.
struct OwnBlob {
    std::string bytes;
};

// Rows of one table, many with each statement: one for each row would open the table and its indexes anew each time.
// `Row` is a tuple of what Statement::bind() takes, or OwnBlob. Rows are in the database after insert().
template <class Row>
class RowBatch {
public:
    // `into`: "INSERT INTO message (id, size) VALUES "
    RowBatch(Database& database, const std::string& into)
        : full_(database.prepare(into + places(rows))),
          single_(database.prepare(into + places(1))) {}

    // Not when it is full.
    void add(Row row) { waiting_[used_++] = std::move(row); }
    [[nodiscard]] bool is_full() const { return used_ == rows; }
    void insert() {
        if (used_ == rows)
            insert_all(std::make_index_sequence<rows * columns>());
        else
            for (std::size_t i = 0; i < used_; ++i)
                std::apply([this](const auto&... value) { single_.run(value...); }, bindable_row(waiting_[i]));
        used_ = 0;
    }

private:
    static constexpr std::size_t rows = 16, columns = std::tuple_size_v<Row>;

    // "(?, ?), (?, ?)"
    static std::string places(std::size_t count) {
        std::string row = "(?";
        for (std::size_t i = 1; i < columns; ++i) row += ", ?";
        row += ")";
        std::string all = row;
        for (std::size_t i = 1; i < count; ++i) all += ", " + row;
        return all;
    }

    static Blob bindable(const OwnBlob& blob) { return Blob(std::string_view(blob.bytes)); }
    template <class T>
    static const T& bindable(const T& value) {
        return value;
    }
    static auto bindable_row(const Row& row) {
        return std::apply(
            [](const auto&... value) { return std::tuple<decltype(bindable(value))...>(bindable(value)...); }, row);
    }
    // Value by value: tuples of all values of all rows would take minutes to compile.
    template <std::size_t... Indexes>
    void insert_all(std::index_sequence<Indexes...> /*unused*/) {
        full_.run(bindable(std::get<Indexes % columns>(waiting_[Indexes / columns]))...);
    }

    std::array<Row, rows> waiting_;
    std::size_t used_ = 0;
    Statement full_, single_;
};

}  // namespace mox::db
