// Date: what was read can be written in every form and read again as the same moment.

#include <cstdint>
#include <string_view>

#include "mime/date.hpp"
#include "require.hpp"

using mox::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mox;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto& date : {mime::parse_date(text), mime::parse_mbox_date(text), mime::parse_internal_date(text)}) {
        if (!date) continue;
        require(date->offset_minutes > -24 * 60 && date->offset_minutes < 24 * 60);
        const auto year = to_civil(date->seconds + date->offset_minutes * 60).year;
        if (year > 9999 || year < 0) continue;  // a leap second or zone beyond the calendar of mail
        const auto again = mime::parse_date(mime::format_date(*date));
        require(again && *again == *date && again->offset_minutes == date->offset_minutes);
        const auto internal = mime::parse_internal_date(mime::format_internal_date(*date));
        require(internal && *internal == *date);
    }
    return 0;
}
