#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/sconf_schema.hpp"

// Makes the tables of sconf_schema.hpp from C++ types:
//
//   constexpr std::array fields{
//       required<&Postmaster::account>("Account", "Name of the account."),
//       optional<&Postmaster::mailbox>("Mailbox"),
//   };
//   static_assert(names_are_unique(fields));
//   std::span<const Field> fields_of(const Postmaster*) { return fields; }

namespace mox::config::sconf {

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

}  // namespace mox::config::sconf
