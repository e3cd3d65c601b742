// Configuration texts. The first byte chooses the file: 'm' mox.conf, anything else domains.conf. Properties: parsing
// never fails in another way than by a list of problems; each problem names a line of the text; what parses can be
// written, parses again to the same value, and is then written alike.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/domains_config.hpp"
#include "config/sconf.hpp"
#include "config/static_config.hpp"

using namespace mox::config;

namespace {

template <class T>
void check(std::string_view text) {
    const auto parsed = sconf::parse<T>(text);
    const auto line_ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::size_t lines = line_ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
    for (const auto& problem : parsed.problems) {
        if (problem.line == 0 || problem.line > std::max<std::size_t>(lines, 1)) std::abort();
        if (problem.message.empty() || sconf::render(problem, "f").find_first_of("\n\r\t\x1b") != std::string::npos)
            std::abort();
    }
    if (!parsed.ok()) return;
    const std::string written = sconf::write(parsed.value);
    const auto again = sconf::parse<T>(written);
    if (!again.ok() || sconf::write(again.value) != written) std::abort();
    const bool comparable = written.find("NaN") == std::string::npos;  // which equals nothing
    if (comparable && !(again.value == parsed.value)) std::abort();
    if (comparable && !(sconf::parse<T>(sconf::write(parsed.value, sconf::Docs::include)).value == parsed.value))
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 'm')
        check<Static>(text);
    else
        check<Domains>(text);
    return 0;
}
