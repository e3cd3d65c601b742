#include <catch2/catch.hpp>

#include "outlet/output_file.hpp"
#include "outlet/spool.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::outlet;

TEST_CASE("small and large texts are written in their order", "[outlet]") {
    const test::TempDir dir;
    OutputFile file(create_file(dir / "out"), dir / "out");
    Spool spool;
    std::string expected;
    for (const std::size_t size : {1U, 70'000U, 10U, 300'000U, 0U, 65'536U, 65'537U, 200'000U, 5U, 2'000'000U, 3U}) {
        const std::string text(size, static_cast<char>('a' + size % 26));
        file.append(text);
        spool.append(text);
        expected += text;
    }
    file.flush();
    CHECK((read_file(dir / "out") == expected));
    CHECK(spool.size() == expected.size());
    std::string spooled;
    spool.read([&](std::string_view text) { spooled += text; });
    CHECK((spooled == expected));
}
