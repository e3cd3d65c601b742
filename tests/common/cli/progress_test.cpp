#include "cli/progress.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "base/interrupt.hpp"
#include "cli/testing.hpp"

using namespace mox;
using cli::Progress;
using cli::progress_line;
using std::chrono::milliseconds;

TEST_CASE("a progress line tells what is known", "[cli]") {
    struct Row {
        cli::ProgressState state;
        std::string expected;
    };
    const auto row = GENERATE(values<Row>({
        {{"copying", "files", 0, 0, 0, 0, milliseconds(0)}, "copying: 0 files"},
        {{"copying", "files", 5, 0, 2048, 0, milliseconds(100)}, "copying: 5 files, 2.0 KiB"},
        {{"copying", "files", 10, 40, 0, 0, milliseconds(2000)}, "copying: 10/40 files, 5 files/s, 25 %, 0:06 left"},
        {{"copying", "files", 10, 40, 1024, 4096, milliseconds(1000)},
         "copying: 10/40 files, 1.0 KiB, 10 files/s, 1.0 KiB/s, 25 %, 0:03 left"},
        {{"copying", "files", 1, 20000, 0, 0, milliseconds(1000)},
         "copying: 1/20000 files, 1 files/s, 0 %, 5:33:19 left"},
        {{"copying", "files", 50, 40, 0, 0, milliseconds(1000)}, "copying: 50/40 files, 50 files/s"},
        {{"copying", "files", 0, 40, 0, 0, milliseconds(1000)}, "copying: 0/40 files, 0 files/s, 0 %"},
        // What is compressed: bytes of messages and of the archive differ.
        {{"copying", "files", 10, 0, 4096, 0, milliseconds(1000), 100, 400},
         "copying: 10 files, 4.0 KiB, 10 files/s, 4.0 KiB/s, 25 %, 0:03 left"},
        {{"copying", "files", 10, 20, 4096, 4096, milliseconds(1000), 100, 400},
         "copying: 10/20 files, 4.0 KiB, 10 files/s, 4.0 KiB/s, 25 %, 0:03 left"},
        {{"a\nb", "files", 0, 0, 0, 0, milliseconds(0)}, "a\\nb: 0 files"},
    }));
    CHECK(progress_line(row.state, 200) == row.expected);
}

TEST_CASE("a progress line is never wider than the terminal", "[cli]") {
    const cli::ProgressState state{"käfer", "files", 10, 40, 1024, 4096, milliseconds(1000)};
    for (unsigned width = 0; width < 90; ++width) CHECK(progress_line(state, width).size() <= width);
    CHECK(progress_line(state, 2) == "k");
    CHECK(progress_line(state, 3) == "kä");
}

TEST_CASE("counting from many threads loses nothing", "[cli]") {
    Progress progress;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 10'000; ++i) progress.add(1, 3);
        });
    for (auto& thread : threads) thread.join();
    CHECK(progress.count() == 40'000);
    CHECK(progress.bytes() == 120'000);
}

TEST_CASE("progress is drawn where it is wanted and goes away", "[cli]") {
    cli::RecordingReporter out({.program = "mox-x", .progress = true});
    {
        Progress progress(out, {.label = "copying", .total_count = 2});
        progress.add(1);
        std::this_thread::sleep_for(milliseconds(450));
    }
    CHECK(out.err_text().find("copying: 1/2 files") != std::string::npos);
    CHECK(out.err_text().ends_with("\r\x1b[K"));
}

TEST_CASE("without a terminal SIGUSR1 gets one line, and nothing else is written", "[cli]") {
    install_signal_handlers();
    cli::RecordingReporter out({.program = "mox-x", .level = cli::Level::quiet, .format = cli::Format::json});
    {
        Progress progress(out, {.label = "copying", .unit = "messages"});
        progress.add(7);
        std::raise(SIGUSR1);
        std::this_thread::sleep_for(milliseconds(500));
    }
    CHECK(out.err_text() == "mox-x: copying: 7 messages\n");
    CHECK(out.out_text().empty());
}
