#pragma once

#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace mox::test {

// The other end of a compressed connection, by zlib itself.
class DeflatingPeer {
public:
    DeflatingPeer() {
        ::inflateInit2(&in_, -15);
        ::deflateInit2(&out_, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    }
    ~DeflatingPeer() {
        ::inflateEnd(&in_);
        ::deflateEnd(&out_);
    }
    DeflatingPeer(const DeflatingPeer&) = delete;
    DeflatingPeer& operator=(const DeflatingPeer&) = delete;

    // What to send for `text`, complete; with Z_FINISH also the end of the stream.
    std::string deflate(std::string_view text, int flush = Z_SYNC_FLUSH) {
        std::string bytes(text.size() + text.size() / 100 + 100, '\0');
        prepare(out_, text, bytes);
        ::deflate(&out_, flush);
        bytes.resize(bytes.size() - out_.avail_out);
        return bytes;
    }
    // What it says, as far as that can be known.
    std::string inflate(std::string_view bytes) {
        std::string text;
        do {
            std::string some(65'536, '\0');
            prepare(in_, bytes, some);
            ok = ok && ::inflate(&in_, Z_SYNC_FLUSH) >= Z_BUF_ERROR;
            some.resize(some.size() - in_.avail_out);
            text += some;
            bytes.remove_prefix(bytes.size() - in_.avail_in);
        } while (ok && in_.avail_out == 0);
        return text;
    }
    bool ok = true;  // so far

private:
    static void prepare(z_stream& stream, std::string_view in, std::string& out) {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        stream.avail_in = static_cast<uInt>(in.size());
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
    }
    z_stream in_{}, out_{};
};

}  // namespace mox::test
