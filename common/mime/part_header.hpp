#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mime/message.hpp"

// Inside the layer: the header of one entity to the fields of its Part.

namespace mox::mime {

// The defects of one message, at most max_defects.
class DefectList {
public:
    void add(DefectKind kind, std::uint64_t offset);
    [[nodiscard]] std::vector<Defect> take() { return std::move(defects_); }

private:
    std::vector<Defect> defects_;
};

enum class EntityRole : std::uint8_t {
    root,         // the message itself: envelope, date, threading
    message,      // inside message/rfc822: envelope
    part,         // inside a multipart
    digest_part,  // inside multipart/digest: message/rfc822 unless it says otherwise (RFC 2046 section 5.1.5)
};

// What the header says and Part does not keep, or keeps for the root only.
struct HeaderExtras {
    std::string boundary;           // raw bytes; empty when there is none
    std::optional<Timestamp> date;  // root only
    Threading threading;            // root only
};

// Fills `part` (all but offsets and counts) from `header`, which starts at `offset` of the message. `budget` is the
// memory left for texts; it is lowered by what is kept, and what does not fit is left out.
[[nodiscard]] HeaderExtras read_part_header(std::string_view header, std::uint64_t offset, EntityRole role, Part& part,
                                            std::size_t& budget, DefectList& defects);

}  // namespace mox::mime
