#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

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

namespace detail {

template <class T>
struct Container {
    static constexpr Kind kind = Kind::structure;
};
template <class E>
struct Container<std::vector<E>> {
    using Element = E;
    static constexpr Kind kind = Kind::list;
    static void* add(std::vector<E>& list, std::string_view) { return &list.emplace_back(); }
    static void visit(const std::vector<E>& list, const Type::Visitor& visitor) {
        for (const auto& element : list) visitor({}, &element);
    }
};
template <class E>
struct Container<std::map<std::string, E>> {
    using Element = E;
    static constexpr Kind kind = Kind::map;
    static void* add(std::map<std::string, E>& map, std::string_view key) { return &map[std::string(key)]; }
    static void visit(const std::map<std::string, E>& map, const Type::Visitor& visitor) {
        for (const auto& [key, element] : map) visitor(key, &element);
    }
};
template <class E>
struct Container<std::optional<E>> {
    using Element = E;
    static constexpr Kind kind = Kind::optional;
    static void* add(std::optional<E>& optional, std::string_view) { return &optional.emplace(); }
    static void visit(const std::optional<E>& optional, const Type::Visitor& visitor) {
        if (optional) visitor({}, &*optional);
    }
};

template <class T>
constexpr std::optional<Kind> scalar_kind() {
    if constexpr (std::is_same_v<T, std::string>)
        return Kind::string;
    else if constexpr (std::is_same_v<T, bool>)
        return Kind::boolean;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return Kind::integer;
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return Kind::unsigned_integer;
    else if constexpr (std::is_same_v<T, double>)
        return Kind::floating;
    else if constexpr (std::is_same_v<T, Duration>)
        return Kind::duration;
    else if constexpr (std::is_same_v<T, Bytes>)
        return Kind::bytes;
    else
        return std::nullopt;
}

template <class T>
constexpr Type make_type();
template <class Member>
struct MemberPointer;
template <class C, class V>
struct MemberPointer<V C::*> {
    using Class = C;
    using Value = V;
};

}  // namespace detail

template <class T>
inline constexpr Type type_of = detail::make_type<T>();

template <class T>
constexpr Type detail::make_type() {
    Type type{.kind = Container<T>::kind, .is_zero = [](const void* value) {
                  static const T zero{};
                  return *static_cast<const T*>(value) == zero;
              }};
    if constexpr (constexpr auto scalar = scalar_kind<T>(); scalar.has_value()) {
        type.kind = *scalar;
    } else if constexpr (Container<T>::kind == Kind::structure) {
        type.fields = [] { return fields_of(static_cast<const T*>(nullptr)); };
    } else {
        type.element = &type_of<typename Container<T>::Element>;
        type.add = [](void* c, std::string_view key) { return Container<T>::add(*static_cast<T*>(c), key); };
        type.visit = [](const void* c, const Type::Visitor& v) { Container<T>::visit(*static_cast<const T*>(c), v); };
    }
    return type;
}

template <auto Member>
constexpr Field field(std::string_view name, Presence presence, std::string_view doc = {}) {
    using Class = typename detail::MemberPointer<decltype(Member)>::Class;
    using Value = typename detail::MemberPointer<decltype(Member)>::Value;
    return {name,
            presence,
            doc,
            &type_of<Value>,
            [](void* object) -> void* { return &(static_cast<Class*>(object)->*Member); },
            [](const void* object) -> const void* { return &(static_cast<const Class*>(object)->*Member); }};
}
template <auto Member>
constexpr Field required(std::string_view name, std::string_view doc = {}) {
    return field<Member>(name, Presence::required, doc);
}
template <auto Member>
constexpr Field optional(std::string_view name, std::string_view doc = {}) {
    return field<Member>(name, Presence::optional, doc);
}

// For static_assert beside each table.
template <class Table>
constexpr bool names_are_unique(const Table& table) {
    for (std::size_t i = 0; i < table.size(); ++i)
        for (std::size_t j = i + 1; j < table.size(); ++j)
            if (table[i].name == table[j].name) return false;
    return true;
}

}  // namespace sconf
}  // namespace mox::config
