// ENVELOPE and BODYSTRUCTURE of any message are values of the grammar that can be read back, with nothing but ASCII
// outside of literals for clients that take no more; every part they tell can be fetched and lies inside the message.

#include <cstdint>

#include "mime/scanner.hpp"
#include "require.hpp"
#include "server/imap/body_structure.hpp"
#include "server/imap/envelope.hpp"
#include "server/imap/parser.hpp"
#include "server/imap/sections.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

// A list (told by what is in it), or else something single.
struct Value {
    bool is_list = false;
    std::vector<Value> items;
    std::string text;
};

Value value(imap::Parser& parser, imap::Texts texts) {
    auto& in = parser.cursor();
    Value out;
    if (in.take('(')) {
        out.is_list = true;
        while (!in.take(')')) {
            // Lists of addresses and parts have no blanks between them.
            if (!out.items.empty() && !(out.items.back().is_list && in.peek() == '(')) in.expect(' ');
            out.items.push_back(value(parser, texts));
        }
        require(!out.items.empty());
        return out;
    }
    if (in.peek() >= '0' && in.peek() <= '9') {
        out.text = std::to_string(in.expect_number());
        return out;
    }
    const bool quoted = in.peek() == '"';
    const auto start = in.rest();
    out.text = parser.nstring().value_or("");
    if (quoted && texts == imap::Texts::ascii)
        for (const char c : start.substr(0, start.size() - in.rest().size())) require(c >= ' ' && c < '\x7f');
    return out;
}

Value parsed(const std::string& text, imap::Texts texts) {
    imap::Parser parser(text);
    Value out = value(parser, texts);
    require(parser.at_end());
    return out;
}

class Checker {
public:
    Checker(const mime::MessageView& message, std::uint64_t size) : message_(message), size_(size) {}

    // A body as `numbers` say, whose parts are numbered below `numbers`.
    void body(const Value& told, std::vector<std::uint32_t> numbers) {
        require(told.is_list && told.items.size() >= 2);
        if (!told.items.front().is_list) {
            numbers.push_back(1);
            return single(told, numbers);
        }
        for (std::uint32_t i = 0; i < told.items.size() && told.items[i].is_list; ++i) {
            auto inner = numbers;
            inner.push_back(i + 1);
            part(told.items[i], inner);
        }
    }

private:
    void part(const Value& told, const std::vector<std::uint32_t>& numbers) {
        if (!told.items.front().is_list) return single(told, numbers);
        place(numbers, told);
        body(told, numbers);
    }

    void single(const Value& told, const std::vector<std::uint32_t>& numbers) {
        require(told.items.size() >= 7);
        const auto at = place(numbers, told);
        require(std::to_string(at.end - at.begin) == told.items[6].text);
        const bool is_message = told.items[0].text == "MESSAGE" && told.items.size() > 8 && told.items[7].is_list;
        if (is_message) {
            require(told.items[7].items.size() == 10);
            body(told.items[8], numbers);
        }
    }

    imap::Place place(const std::vector<std::uint32_t>& numbers, const Value& /*told*/) {
        const auto at = imap::find_section(message_, {.part = numbers});
        require(at.status == imap::Place::Status::found && at.begin <= at.end && at.end <= size_);
        return at;
    }

    const mime::MessageView& message_;
    std::uint64_t size_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string stored = mime::encode(mime::scan({reinterpret_cast<const char*>(data), size}));
    mime::MessageView message;
    require(message.read(stored));
    for (const auto texts : {imap::Texts::ascii, imap::Texts::utf8}) {
        std::string envelope, structure;
        imap::Writer to_envelope(envelope, texts), to_structure(structure, texts);
        imap::write_envelope(to_envelope, *message.envelope(message.root()));
        imap::write_body_structure(to_structure, message, imap::Extension::with);
        require(parsed(envelope, texts).items.size() == 10);
        Checker(message, size).body(parsed(structure, texts), {});
    }
    return 0;
}
