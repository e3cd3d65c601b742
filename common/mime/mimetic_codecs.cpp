#include <mimetic/codec/base64.h>
#include <mimetic/codec/qp.h>

#include <cstddef>
#include <iterator>

#include "mime/mimetic.hpp"

namespace mox::mime::library {

namespace {

// Appends characters, CRLF for each LF: mimetic ends lines with LF.
class CrlfAppender {
public:
    using iterator_category = std::output_iterator_tag;
    using value_type = void;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = void;

    explicit CrlfAppender(std::string& out) : out_(&out) {}
    CrlfAppender& operator*() { return *this; }
    CrlfAppender& operator++() { return *this; }
    CrlfAppender& operator=(unsigned char c) {
        if (c == '\n') *out_ += '\r';
        *out_ += static_cast<char>(c);
        return *this;
    }

private:
    std::string* out_;
};

// Writes where all its copies do: mimetic passes some by value and goes on with the original. The buffer must do.
class SharedWriter {
public:
    using iterator_category = std::output_iterator_tag;
    using value_type = void;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = void;

    explicit SharedWriter(char*& to) : to_(&to) {}
    SharedWriter& operator*() { return *this; }
    SharedWriter& operator++() { return *this; }
    SharedWriter operator++(int) { return *this; }
    SharedWriter& operator=(unsigned char c) {
        *(*to_)++ = static_cast<char>(c);
        return *this;
    }

private:
    char** to_;
};

}  // namespace

void decode_base64(std::string_view digits, std::string& out) {
    const std::size_t start = out.size();
    const std::size_t rest = digits.size() % 4;
    out.resize(start + digits.size() / 4 * 3 + (rest < 2 ? 0 : rest - 1));
    mimetic::Base64::Decoder decoder;
    decoder.process(digits.begin(), digits.end(), out.data() + start);
}

void decode_quoted_printable(std::string_view text, std::string& out) {
    const std::size_t start = out.size();
    out.resize(start + text.size());  // decoding never adds
    char* to = out.data() + start;
    mimetic::QP::Decoder decoder;
    decoder.process(text.begin(), text.end(), SharedWriter(to));
    out.resize(static_cast<std::size_t>(to - out.data()));
}

void encode_base64(std::string_view bytes, std::string& out) {
    mimetic::Base64::Encoder encoder;
    encoder.process(bytes.begin(), bytes.end(), CrlfAppender(out));
}

void encode_quoted_printable_line(std::string_view line, Controls controls, std::string& out) {
    mimetic::QP::Encoder encoder(controls == Controls::present);
    encoder.process(line.begin(), line.end(), CrlfAppender(out));
}

}  // namespace mox::mime::library
