#pragma once

#include <string>
#include <string_view>

#include "outlet/contents.hpp"
#include "outlet/message.hpp"

namespace mox::outlet {

// Writes one message as an entry of an mbox: From line, what is known of the message as fields (intake/exported.hpp),
// the contents with mboxrd's quoting, an empty line. docs/exporting.md, section "mbox".
class MboxEntry {
public:
    // Appends the start of the entry to `out`, which must outlive this.
    MboxEntry(const Message& message, const Contents& contents, std::string& out);
    // The next run of for_each_run().
    void text(std::string_view run, bool starts_line);
    void finish();

private:
    void line(std::string_view line);

    const LineEnds line_ends_;
    const bool open_end_;
    std::string& out_;
    bool in_header_ = true, is_first_ = true;
};

// "From <sender> Mon Jan  2 15:04:05 2006" without line end, the time in UTC.
[[nodiscard]] std::string from_line(const Message& message);

}  // namespace mox::outlet
