#pragma once

#include <string>
#include <string_view>

#include "outlet/mbox_entry.hpp"

// Contents and entries of an mbox in memory, for tests.

namespace mox::outlet {

// As the exporter prepares them: held in memory, or with `chunk` streamed in pieces of that size.
inline Contents contents_of(std::string text, std::size_t chunk = 0) {
    ContentsScanner scanner;
    for (std::size_t at = 0; at < text.size(); at += chunk == 0 ? text.size() : chunk)
        scanner.feed(std::string_view(text).substr(at, chunk == 0 ? text.size() : chunk));
    Contents contents{.line_ends = scanner.line_ends(),
                      .open_end = scanner.open_end(),
                      .size_bytes = scanner.size_bytes(),
                      .written_bytes = scanner.written_bytes()};
    if (chunk == 0) {
        contents.text = std::move(text);
    } else {
        contents.stream = [text = std::move(text), chunk](const Sink& sink) {
            for (std::size_t at = 0; at < text.size(); at += chunk) sink(std::string_view(text).substr(at, chunk));
        };
    }
    return contents;
}

inline void append_entry(std::string& to, const Message& message, const Contents& contents) {
    MboxEntry entry(message, contents, to);
    for_each_run(contents, [&](std::string_view run, bool starts_line) { entry.text(run, starts_line); });
    entry.finish();
}

}  // namespace mox::outlet
