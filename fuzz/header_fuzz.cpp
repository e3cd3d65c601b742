// Header: fields are disjoint and in order, inside the text; every text made of them is UTF-8; parameters that
// mimetic splits are what our own reader gives.

#include <cstdint>
#include <string_view>

#include "base/encoding.hpp"
#include "mime/header.hpp"
#include "mime/lenient.hpp"
#include "mime/parameters.hpp"
#include "mime/threading.hpp"
#include "require.hpp"

using mox::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mox;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    mime::FieldReader reader(text);
    std::size_t end = 0;
    while (const auto field = reader.next()) {
        require(field->offset >= end && field->offset + field->size <= size);
        end = field->offset + field->size;
        require(!field->name.empty() && field->value.size() < field->size);
        require(field->name.data() == text.data() + field->offset);
        require(is_utf8(mime::text_value(field->value)) && is_utf8(mime::plain_value(field->value)));
        const auto parsed = mime::parse_parameterised(field->value);
        require(is_utf8(parsed.value));
        const auto lenient = mime::parse_parameterised_leniently(field->value);
        require(parsed.value == lenient.value && parsed.parameters == lenient.parameters);
        require(parsed.boundary == lenient.boundary && parsed.well_formed == lenient.well_formed);
        for (const auto& parameter : parsed.parameters) require(is_utf8(parameter.name) && is_utf8(parameter.value));
        const auto subject = mime::base_subject(mime::text_value(field->value));
        require(is_utf8(subject.text) && mime::base_subject(subject.text).text == subject.text);
        for (const auto& id : mime::reference_ids(field->value, {})) require(is_utf8(id));
    }
    return 0;
}
