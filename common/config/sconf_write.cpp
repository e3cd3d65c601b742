#include <stdexcept>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "config/sconf.hpp"
#include "config/sconf_text.hpp"
#include "config/sconf_value.hpp"

namespace mox::config::sconf {

namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view what, std::string_view reason) {
    throw Error(Errc::failed, "cannot write " + quote(what) + " of " + quote(name) +
                                  " into a configuration file: " + std::string(reason));
}

class Writer {
public:
    explicit Writer(Docs docs) : docs_(docs) {}

    void structure(const Type& type, const void* object, std::size_t depth);
    void entry(std::string_view name, const std::string& start, const Type& type, const void* value, std::size_t depth);
    void map_entry(std::string_view name, std::string_view key, const Type& type, const void* value, std::size_t depth);
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    void scalar(std::string_view name, const std::string& start, const Type& type, const void* value);
    void one_zero_field(std::span<const Field> fields, const void* object, std::size_t depth);

    Docs docs_;
    std::string text_;
};

void check_key(std::string_view name, std::string_view key) {
    if (key.empty()) refuse(name, key, "a key must not be empty");
    if (key.find_first_of(":\n") != std::string_view::npos)
        refuse(name, key, "a key contains no colon and no line feed");
    if (std::string_view(" \t#").find(key.front()) != std::string_view::npos)
        refuse(name, key, "a key does not start with a blank or '#'");
}

void Writer::scalar(std::string_view name, const std::string& start, const Type& type, const void* value) {
    const std::string text = scalar_text(type.kind, value);
    if (text.find('\n') != std::string::npos) refuse(name, text, "a value contains no line feed");
    if (text.ends_with('\r')) refuse(name, text, "a value does not end in CR");
    text_ += start;
    if (!text.empty()) text_ += " " + text;
    text_ += '\n';
}

// `start` is the indented "key:" or "-", `name` the field it belongs to.
void Writer::entry(std::string_view name, const std::string& start, const Type& type, const void* value,
                   std::size_t depth) {
    if (type.kind == Kind::optional) {
        type.visit(value, [&](std::string_view, const void* held) { entry(name, start, *type.element, held, depth); });
        return;
    }
    if (is_scalar(type.kind)) return scalar(name, start, type, value);
    text_ += start + "\n";
    switch (type.kind) {
        case Kind::structure:
            structure(type, value, depth + 1);
            break;
        case Kind::map:
            type.visit(value,
                       [&](std::string_view key, const void* e) { map_entry(name, key, *type.element, e, depth + 1); });
            break;
        default:
            type.visit(value, [&](std::string_view, const void* e) {
                entry(name, indentation(depth + 1) + "-", *type.element, e, depth + 1);
            });
    }
}

void Writer::map_entry(std::string_view name, std::string_view key, const Type& type, const void* value,
                       std::size_t depth) {
    check_key(name, key);
    const std::string start = indentation(depth) + std::string(key) + ":";
    if (!is_scalar(type.kind) && type.is_zero(value)) {
        text_ += start + " nil\n";
        return;
    }
    if (type.kind == Kind::string && scalar_text(type.kind, value) == "nil")
        refuse(name, "nil", "as a map's value it would mean nothing");
    entry(name, start, type, value, depth);
}

void Writer::structure(const Type& type, const void* object, std::size_t depth) {
    bool first = true;
    for (const auto& field : type.fields()) {
        const void* value = field.const_member(object);
        if (field.presence == Presence::optional && field.type->is_zero(value)) continue;
        if (docs_ == Docs::include) text_ += comment_of(field, depth, first ? Gap::none : Gap::blank_line);
        entry(field.name, indentation(depth) + std::string(field.name) + ":", *field.type, value, depth);
        first = false;
    }
    if (first && depth > 0) one_zero_field(type.fields(), object, depth);
}

// A structure that is there but has nothing to say still needs a line to be read again.
void Writer::one_zero_field(std::span<const Field> fields, const void* object, std::size_t depth) {
    for (const auto may_be : {+[](Kind kind) { return is_scalar(kind); },
                              +[](Kind kind) { return kind == Kind::list || kind == Kind::map; }}) {
        for (const auto& field : fields) {
            if (!may_be(field.type->kind)) continue;
            return entry(field.name, indentation(depth) + std::string(field.name) + ":", *field.type,
                         field.const_member(object), depth);
        }
    }
    throw std::logic_error("a structure without scalars, lists and maps cannot be written empty");
}

}  // namespace

std::string field_text(const Field& field, const void* object, std::size_t depth) {
    Writer writer(Docs::omit);
    writer.entry(field.name, indentation(depth) + std::string(field.name) + ":", *field.type,
                 field.const_member(object), depth);
    return writer.take();
}

std::string element_text(std::string_view field, std::string_view key, const Type& type, const void* value,
                         std::size_t depth) {
    Writer writer(Docs::omit);
    writer.map_entry(field, key, type, value, depth);
    return writer.take();
}

std::string write_from(const Type& type, const void* object, Docs docs) {
    Writer writer(docs);
    writer.structure(type, object, 0);
    return writer.take();
}

}  // namespace mox::config::sconf
