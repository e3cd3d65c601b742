#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

// What a configuration struct looks like in a file: one table of fields a struct, from which parsing, writing and
// describing follow. A struct S takes part when a function `std::span<const sconf::Field> fields_of(const S*)` is
// declared beside it (the pointer only selects the overload) and S compares with ==.
//
// Members may be std::string, bool, int64, uint64, double, Duration, Bytes, such structs, and std::vector,
// std::map<std::string, ...> and std::optional of all these.

namespace mox::config {

using Duration = std::chrono::nanoseconds;

namespace sconf {

// Arbitrary bytes; base64 in the file.
struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};

enum class Kind {
    string,
    boolean,
    integer,
    unsigned_integer,
    floating,
    duration,
    bytes,  // scalars: the value follows on the line
    structure,
    list,
    map,       // the contents follow on deeper lines
    optional,  // looks like what it holds
};

enum class Presence { required, optional };

struct Field;

// How values of one C++ type are reached without knowing it; made by type_of.
struct Type {
    using Visitor = std::function<void(std::string_view key, const void* element)>;

    Kind kind;
    bool (*is_zero)(const void* value);                              // equal to a value-initialised one
    const Type* element = nullptr;                                   // of list, map and optional
    std::span<const Field> (*fields)() = nullptr;                    // of structure
    void* (*add)(void* container, std::string_view key) = nullptr;   // new element; what an optional holds
    void (*visit)(const void* container, const Visitor&) = nullptr;  // in the order of the file; empty key for lists
};

struct Field {
    std::string_view name;
    Presence presence;
    std::string_view doc;  // one sentence or more for people, may be empty
    const Type* type;
    void* (*member)(void* object);
    const void* (*const_member)(const void* object);
};

}  // namespace sconf
}  // namespace mox::config
