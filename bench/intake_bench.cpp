// How fast mbox files and maildirs are read and converted, without anything that an import does with the messages.
// Seconds are of the CPU, so that other work on the machine matters less.
//   intake_bench mbox <file> | maildir <folder>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>
#include <vector>

#include "base/platform.hpp"
#include "intake/source.hpp"

namespace {

using namespace mox;

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return static_cast<double>(std::clock() - start_) / static_cast<double>(CLOCKS_PER_SEC);
    }

private:
    std::clock_t start_ = std::clock();
};

void report(const char* what, std::uint64_t messages, std::uint64_t bytes, double seconds) {
    std::printf("%-22s %8llu messages %12llu bytes %8.3f s %10.1f MB/s\n", what,
                static_cast<unsigned long long>(messages), static_cast<unsigned long long>(bytes), seconds,
                static_cast<double>(bytes) / 1e6 / seconds);
}

std::unique_ptr<intake::MessageSource> open(std::string_view kind, const char* path) {
    return kind == "mbox" ? intake::open_mbox(path) : intake::open_maildir(path);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || (std::strcmp(argv[1], "mbox") != 0 && std::strcmp(argv[1], "maildir") != 0)) {
        std::fputs("usage: intake_bench mbox <file> | maildir <folder>\n", stderr);
        return 2;
    }
    {
        const Stopwatch watch;
        const auto source = open(argv[1], argv[2]);
        while (source->next()) {
        }
        const auto progress = source->progress();
        report("find messages", progress.messages, progress.bytes, watch.seconds());
    }
    std::printf("peak memory after finding: %.1f MB\n", static_cast<double>(platform::peak_memory_bytes()) / 1e6);
    const auto source = open(argv[1], argv[2]);
    std::vector<intake::RawMessage> some;
    std::uint64_t bytes = 0, messages = 0;
    double seconds = 0;
    const auto convert_some = [&] {
        const Stopwatch watch;
        for (const auto& raw : some) bytes += convert(raw, [](std::span<const std::byte>) {}).size_bytes;
        seconds += watch.seconds();
        messages += some.size();
        some.clear();
    };
    while (auto raw = source->next()) {
        some.push_back(std::move(*raw));
        if (some.size() == 1000) convert_some();
    }
    convert_some();
    report("convert, one thread", messages, bytes, seconds);
}
