// How fast mail is scanned: MB/s and messages/s on one core, reading nothing while the clock runs.
//
//   mime_bench [FILE.mbox]    without a file: synthetic messages of about 5 KB

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "mime/scanner.hpp"

namespace {

using namespace mox;

std::string synthetic_message(int number) {
    std::string m = fmt::format(
        "Received: from a.example (a.example [192.0.2.{}]) by mx.example with ESMTP id {};\r\n"
        "\tTue, 24 Sep 2002 10:30:12 -0400\r\nFrom: =?utf-8?Q?J=C3=B6rg?= Example <joerg{}@example.org>\r\n"
        "To: list@example.com, \"Doe, Jane\" <jane@example.net>\r\nSubject: Re: [list] message number {}\r\n"
        "Date: Tue, 24 Sep 2002 10:30:10 -0400\r\nMessage-ID: <{}@example.org>\r\nIn-Reply-To: <{}@example.org>\r\n"
        "References: <1@example.org> <{}@example.org>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative; boundary=\"=_bound_{}\"\r\n\r\n",
        number % 256, number, number, number, number, number - 1, number - 1, number);
    m += fmt::format("--=_bound_{}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", number);
    for (int i = 0; i < 25; ++i) m += "The quick brown fox jumps over the lazy dog, again and again, line by line.\r\n";
    m += fmt::format("--=_bound_{}\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n", number);
    for (int i = 0; i < 25; ++i)
        m += "PGh0bWw+PGJvZHk+PHA+VGhlIHF1aWNrIGJyb3duIGZveDwvcD48L2JvZHk+PC9odG1sPgoKCgoK\r\n";
    m += fmt::format("--=_bound_{}--\r\n", number);
    return m;
}

// The messages of an mbox, with CRLF line ends. Good enough for measuring: "From " lines are not unquoted.
std::vector<std::string> messages_of(const std::string& mbox) {
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < mbox.size();) {
        auto end = mbox.find('\n', at);
        end = end == std::string::npos ? mbox.size() : end + 1;
        std::string_view line(mbox.data() + at, end - at);
        at = end;
        if (line.starts_with("From ")) {
            messages.emplace_back();
            continue;
        }
        if (messages.empty()) continue;
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        messages.back().append(line).append("\r\n");
    }
    return messages;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> messages;
    if (argc > 1) {
        messages = messages_of(read_file(argv[1], std::size_t{1} << 32U));
    } else {
        for (int i = 0; i < 5000; ++i) messages.push_back(synthetic_message(i));
    }
    std::size_t bytes = 0;
    std::size_t encoded = 0;
    for (const auto& message : messages) bytes += message.size();
    for (const auto& message : messages) encoded += mime::encode(mime::scan(message)).size();

    constexpr int runs = 9;
    double best = 1e9;
    std::size_t parts = 0;
    for (int run = 0; run < runs; ++run) {
        const auto start = std::chrono::steady_clock::now();
        mime::Scanner scanner;
        for (const auto& message : messages) {
            scanner.feed(message);
            parts += scanner.finish().root.children.size();
        }
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    const auto count = static_cast<double>(messages.size());
    std::printf(
        "%zu messages, %.1f MB, minimum of %d runs: %.0f MB/s, %.0f messages/s, %.0f bytes encoded each (%zu)\n",
        messages.size(), static_cast<double>(bytes) / 1e6, runs, static_cast<double>(bytes) / 1e6 / best, count / best,
        static_cast<double>(encoded) / count, parts);
    return 0;
}
