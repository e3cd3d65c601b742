#include "outlet/contents.hpp"

#include <catch2/catch.hpp>

#include "writing.hpp"

using namespace mox::outlet;

TEST_CASE("how lines end is seen whatever pieces the contents come in", "[outlet]") {
    struct Row {
        std::string text;
        LineEnds line_ends;
        bool open_end;
        std::uint64_t written_bytes;
    };
    const Row row = GENERATE(Row{"", LineEnds::lf, false, 0}, Row{"\r\n", LineEnds::lf, false, 1},
                             Row{"a\r\nb\r\n", LineEnds::lf, false, 4}, Row{"a\rb\r\n", LineEnds::lf, false, 4},
                             Row{"a\r\r\nb\r\n", LineEnds::crlf, false, 7}, Row{"\r\r\n", LineEnds::crlf, false, 3},
                             Row{"a\nb\r\n", LineEnds::exact, false, 5}, Row{"\n", LineEnds::exact, false, 1},
                             Row{"a", LineEnds::exact, true, 1}, Row{"a\r", LineEnds::exact, true, 2},
                             Row{"a\r\nb", LineEnds::exact, true, 4}, Row{"\n\r\r\n", LineEnds::exact, false, 4});
    INFO(row.text);
    for (const std::size_t chunk : {0U, 1U, 2U, 3U}) {
        const Contents contents = contents_of(row.text, chunk);
        CHECK(contents.line_ends == row.line_ends);
        CHECK(contents.open_end == row.open_end);
        CHECK(contents.size_bytes == row.text.size());
        CHECK(contents.written_bytes == row.written_bytes);
        std::string again;
        for_each_run(contents, [&](std::string_view run, bool starts_line) {
            CHECK(starts_line == (again.empty() || again.ends_with('\n')));
            again += run;
        });
        CHECK(again == row.text);
    }
}
