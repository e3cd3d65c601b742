#include "mime/scanner.hpp"

#include <catch2/catch.hpp>

using namespace mox::mime;

TEST_CASE("scanner reads a plain message", "[mime]") {
    const auto m = scan("Subject: hi\r\n\r\nbody\r\n");
    CHECK(m.root.body_offset == 15);
}
