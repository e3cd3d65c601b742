#include "server/net/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

namespace mox::net {

namespace {

// Without zlib's own head and tail. The peer chooses its window, so ours for inflating is the largest.
constexpr int inflate_window = -15;
constexpr int deflate_window = -12;
constexpr int deflate_memory = 5;
constexpr int level = 3;  // the loop's thread does it, for everybody

Bytef* bytes_of(const char* text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text));  // zlib does not write there
}

}  // namespace

struct Compression::Streams {
    Streams() {
        if (::inflateInit2(&in, inflate_window) != Z_OK) throw std::bad_alloc();
        if (::deflateInit2(&out, level, Z_DEFLATED, deflate_window, deflate_memory, Z_DEFAULT_STRATEGY) == Z_OK) return;
        ::inflateEnd(&in);
        throw std::bad_alloc();
    }
    ~Streams() {
        ::inflateEnd(&in);
        ::deflateEnd(&out);
    }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    z_stream in{}, out{};
};

Compression::Compression() : streams_(std::make_unique<Streams>()) {}

Compression::~Compression() = default;

void Compression::receive(std::string_view bytes) {
    received_.erase(0, taken_);
    taken_ = 0;
    received_ += bytes;
}

Compression::Input Compression::inflate(char* buffer, std::size_t size) {
    if (end_ != Inflated::some) return {end_};
    if (taken_ == received_.size() && !has_more_) return {};
    z_stream& in = streams_->in;
    in.next_in = bytes_of(received_.data() + taken_);
    in.avail_in = static_cast<uInt>(received_.size() - taken_);
    in.next_out = bytes_of(buffer);
    in.avail_out = static_cast<uInt>(size);
    const int result = ::inflate(&in, Z_SYNC_FLUSH);
    taken_ = received_.size() - in.avail_in;
    if (taken_ == received_.size()) {
        std::string().swap(received_);  // silent peers hold no memory; assigning would keep it
        taken_ = 0;
    }
    const std::size_t count = size - in.avail_out;
    has_more_ = in.avail_out == 0;
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) {
        end_ = Inflated::ended;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        end_ = Inflated::damaged;
        failure_ = in.msg == nullptr ? "a dictionary is wanted" : in.msg;
    }
    if (count > 0) return {Inflated::some, count};
    return {end_ == Inflated::some ? Inflated::needs_more : end_};
}

std::size_t Compression::deflate(std::string_view text) {
    const std::size_t count = std::min(text.size(), piece_bytes);
    z_stream& out = streams_->out;
    out.next_in = bytes_of(text.data());
    out.avail_in = static_cast<uInt>(count);
    const int flush = count == text.size() ? Z_SYNC_FLUSH : Z_NO_FLUSH;
    do {
        const std::size_t before = deflated_.size();
        deflated_.resize(before + piece_bytes);
        out.next_out = bytes_of(deflated_.data() + before);
        out.avail_out = static_cast<uInt>(piece_bytes);
        if (::deflate(&out, flush) == Z_STREAM_ERROR) throw std::bad_alloc();
        deflated_.resize(deflated_.size() - out.avail_out);
    } while (out.avail_out == 0);
    return count;
}

void Compression::sent(std::size_t count) {
    sent_ += count;
    if (sent_ < deflated_.size()) return;
    std::string().swap(deflated_);
    sent_ = 0;
}

}  // namespace mox::net
