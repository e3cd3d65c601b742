#include "config/sconf_value.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include <catch2/catch.hpp>

#include "base/random.hpp"

using namespace mox;
using namespace mox::config;

TEST_CASE("durations are read as Go reads them and written as Go writes them", "[config]") {
    struct Row {
        std::string text;
        std::int64_t nanoseconds;
        std::string written;
    };
    for (const auto& row : {
             Row{"0", 0, "0s"},
             Row{"-0", 0, "0s"},
             Row{"0s", 0, "0s"},
             Row{"1ns", 1, "1ns"},
             Row{"1us", 1'000, "1µs"},
             Row{"1µs", 1'000, "1µs"},
             Row{"1μs", 1'000, "1µs"},
             Row{"1500us", 1'500'000, "1.5ms"},
             Row{"15s", 15'000'000'000, "15s"},
             Row{"+15s", 15'000'000'000, "15s"},
             Row{"-1.5s", -1'500'000'000, "-1.5s"},
             Row{".5s", 500'000'000, "500ms"},
             Row{"1.s", 1'000'000'000, "1s"},
             Row{"90m", 5'400'000'000'000, "1h30m0s"},
             Row{"72h", 259'200'000'000'000, "72h0m0s"},
             Row{"1h0m0.000000001s", 3'600'000'000'001, "1h0m0.000000001s"},
             Row{"1s1s", 2'000'000'000, "2s"},
             Row{"0.1h", 360'000'000'000, "6m0s"},
             Row{"2562047h47m16.854775807s", std::numeric_limits<std::int64_t>::max(), "2562047h47m16.854775807s"},
             Row{"-2562047h47m16.854775808s", std::numeric_limits<std::int64_t>::min(), "-2562047h47m16.854775808s"},
         }) {
        CAPTURE(row.text);
        Duration value(77);
        CHECK(sconf::read_duration(row.text, value) == "");
        CHECK(value.count() == row.nanoseconds);
        CHECK(sconf::duration_text(value) == row.written);
    }
    for (const std::string bad : {"",
                                  "-",
                                  "+",
                                  "12",
                                  "1h0",
                                  "s",
                                  ".s",
                                  "1x",
                                  "1 s",
                                  " 1s",
                                  "1s ",
                                  "--1s",
                                  "1d",
                                  "1S",
                                  "3000000h",
                                  "2562047h47m16.854775808s",
                                  "9223372036854775808ns",
                                  "99999999999999999999s",
                                  "1e3s",
                                  "0x1s"}) {
        CAPTURE(bad);
        Duration value(77);
        CHECK(sconf::read_duration(bad, value) != "");
        CHECK(value.count() == 77);
    }
}

TEST_CASE("floating point numbers are read as Go reads them and written exactly", "[config]") {
    struct Row {
        std::string text;
        double value;
        std::string written;
    };
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const auto& row : {
             Row{"0", 0, "0"},
             Row{".1", 0.1, "0.1"},
             Row{"1.", 1, "1"},
             Row{"9.5e-1", 0.95, "0.95"},
             Row{"+2E+2", 200, "200"},
             Row{"0.950000", 0.95, "0.95"},
             Row{"-0.01", -0.01, "-0.01"},
             Row{"1_000.5", 1000.5, "1000.5"},
             Row{"0x1p-2", 0.25, "0.25"},
             Row{"0X_1.8P1", 3, "3"},
             Row{"1e-400", 0, "0"},
             Row{"0e999", 0, "0"},
             Row{"Inf", infinity, "+Inf"},
             Row{"-infinity", -infinity, "-Inf"},
             Row{"+Inf", infinity, "+Inf"},
         }) {
        CAPTURE(row.text);
        double value = 77;
        CHECK(sconf::read_float(row.text, value) == "");
        CHECK(value == row.value);
        CHECK(sconf::float_text(value) == row.written);
    }
    double nan = 0;
    CHECK(sconf::read_float("NaN", nan) == "");
    CHECK(std::isnan(nan));
    for (const std::string bad :
         {"",   ".",  "e1",   "1e",  "1e+",   "1,5",    " 1",       "1 ",      "0x1",  "0xp1",   "0x", "1__0",
          "_1", "1_", "1_.5", "+-1", "1e999", "-1e309", "0x1p1024", "infinit", "+nan", "nan(1)", "1f"}) {
        CAPTURE(bad);
        double value = 77;
        CHECK(sconf::read_float(bad, value) != "");
        CHECK(value == 77);
    }
}

TEST_CASE("any duration and any finite number survive being written and read", "[config]") {
    SeededRandom random(1);
    for (int i = 0; i < 20'000; ++i) {
        std::uint64_t bits = 0;
        random.fill(std::as_writable_bytes(std::span(&bits, 1)));
        const Duration duration(static_cast<std::int64_t>(bits) >> random.below(63));
        Duration again{};
        REQUIRE(sconf::read_duration(sconf::duration_text(duration), again) == "");
        REQUIRE(again == duration);
        double number = 0, same = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (!std::isfinite(number)) continue;
        REQUIRE(sconf::read_float(sconf::float_text(number), same) == "");
        REQUIRE(same == number);
    }
}
