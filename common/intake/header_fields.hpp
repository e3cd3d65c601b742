#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "model/flags.hpp"

namespace mox::intake {

// Which fields of the header a conversion looks at.
struct WantedFields {
    bool dates = false;  // Received, Date
    // Status, X-Status, X-Keywords; X-Mozilla-Status, X-Mozilla-Status2, X-Mozilla-Keys; X-Gmail-Labels
    bool marks = false;
};

// Collects a few fields while a header streams by. Names are compared without regard to case; folded lines belong to
// their field; the header ends at the first empty line. Memory is bounded whatever comes: of a field at most
// max_field_bytes are looked at.
class HeaderFields {
public:
    static constexpr std::size_t max_field_bytes = 65536;

    HeaderFields(WantedFields wanted, model::FlagsAndKeywords& marks) : wanted_(wanted), marks_(marks) {
        inside_ = wanted.dates || wanted.marks;
    }

    // False once nothing more is of interest: line() and end_line() need not be called.
    [[nodiscard]] bool inside() const { return inside_; }
    // A part of the current line, without its end; a line may come in any number of parts.
    void line(std::string_view part);
    void end_line();
    // The message ends here, perhaps within its header.
    void finish();

    [[nodiscard]] const std::optional<std::string>& date() const { return date_; }  // of the first Date field
    // Of the first Received field, which the last server wrote, if it has one that makes sense.
    [[nodiscard]] const std::optional<Timestamp>& received() const { return received_; }
    [[nodiscard]] std::vector<std::string>& labels() { return labels_; }
    [[nodiscard]] std::uint64_t dropped_keywords() const { return dropped_keywords_; }
    [[nodiscard]] bool cut() const { return cut_; }  // a field was longer than max_field_bytes

private:
    void end_field();
    void take_mark(std::string_view name, std::string_view value);
    void add_keywords(std::string_view text);

    WantedFields wanted_;
    model::FlagsAndKeywords& marks_;
    bool inside_;
    bool line_has_text_ = false;
    bool collecting_ = false;  // the current field is, or may turn out to be, a wanted one
    std::string field_;
    std::optional<std::string> date_;
    bool seen_received_ = false;
    std::optional<Timestamp> received_;
    std::vector<std::string> labels_;
    std::uint64_t dropped_keywords_ = 0;
    bool cut_ = false;
};

}  // namespace mox::intake
