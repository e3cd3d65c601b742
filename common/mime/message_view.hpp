#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "mime/address.hpp"
#include "mime/decode.hpp"
#include "mime/message.hpp"

// The stored form of a Message, looked at without making a Message of it: texts are views into it. Fields mean what
// they mean in mime/message.hpp.

namespace mox::mime {

struct ParameterView {
    std::string_view name, value;
};
struct AddressView {
    AddressKind kind = AddressKind::mailbox;
    std::string_view name, localpart, host, route;
};

// A stored list; its items are read as they are asked for.
template <class Item>
class ListView {
public:
    ListView() = default;
    ListView(std::string_view bytes, std::size_t count) : bytes_(bytes), count_(count) {}

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t size() const { return count_; }

    class Iterator {
    public:
        Iterator() = default;
        Iterator(std::string_view rest, std::size_t left) : rest_(rest), left_(left) { read(); }
        const Item& operator*() const { return item_; }
        const Item* operator->() const { return &item_; }
        Iterator& operator++() {
            --left_;
            read();
            return *this;
        }
        bool operator!=(const Iterator& other) const { return left_ != other.left_; }

    private:
        void read() {
            if (left_ > 0) item_ = take(rest_);
        }
        std::string_view rest_;
        std::size_t left_ = 0;
        Item item_{};
    };
    [[nodiscard]] Iterator begin() const { return {bytes_, count_}; }
    [[nodiscard]] Iterator end() const { return {}; }

private:
    static Item take(std::string_view& rest);

    std::string_view bytes_;
    std::size_t count_ = 0;
};
using ParametersView = ListView<ParameterView>;
using AddressesView = ListView<AddressView>;
using TextsView = ListView<std::string_view>;

struct EnvelopeView {
    std::string_view date, subject;
    AddressesView from, sender, reply_to, to, cc, bcc;
    std::string_view in_reply_to, message_id;
};

struct PartView {
    std::uint64_t header_offset = 0, body_offset = 0, end_offset = 0;
    std::uint64_t lines = 0, decoded_size = 0;
    std::string_view type = "text", subtype = "plain";
    ParametersView parameters;
    TransferEncoding encoding = TransferEncoding::seven_bit;
    std::string_view encoding_name, content_id, description, md5, location, disposition;
    ParametersView disposition_parameters;
    TextsView languages;
    // Positions in the lists of the MessageView; 0: none.
    std::uint32_t first_child = 0, next_sibling = 0;
    std::uint32_t envelope_number = 0;  // one more than its position

    [[nodiscard]] bool is_multipart() const { return type == "multipart"; }
    // message/rfc822 or message/global.
    [[nodiscard]] bool is_message() const { return type == "message" && (subtype == "rfc822" || subtype == "global"); }
    [[nodiscard]] std::uint64_t body_size() const { return end_offset - body_offset; }
};

// One object reads many messages and keeps its memory.
class MessageView {
public:
    // False for anything that encode() did not write; then nothing else may be asked. `bytes` must outlive what is
    // looked at.
    [[nodiscard]] bool read(std::string_view bytes);

    // True when all offsets are in order and inside a message of `size` bytes (part of promise P16).
    [[nodiscard]] bool fits(std::uint64_t size) const;

    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
    [[nodiscard]] const std::optional<Timestamp>& date() const { return date_; }
    [[nodiscard]] const std::vector<Defect>& defects() const { return defects_; }
    // Depth first; the root is the first and always there.
    [[nodiscard]] const std::vector<PartView>& parts() const { return parts_; }
    [[nodiscard]] const PartView& root() const { return parts_.front(); }
    // nullptr: it has none.
    [[nodiscard]] const PartView* first_child(const PartView& part) const { return at(part.first_child); }
    [[nodiscard]] const PartView* next_sibling(const PartView& part) const { return at(part.next_sibling); }
    [[nodiscard]] const EnvelopeView* envelope(const PartView& part) const {
        return part.envelope_number == 0 ? nullptr : &envelopes_[part.envelope_number - 1];
    }

private:
    class Reader;
    [[nodiscard]] const PartView* at(std::uint32_t index) const { return index == 0 ? nullptr : &parts_[index]; }

    std::uint64_t size_bytes_ = 0;
    std::optional<Timestamp> date_;
    std::vector<Defect> defects_;
    std::vector<PartView> parts_;
    std::vector<EnvelopeView> envelopes_;
};

}  // namespace mox::mime
