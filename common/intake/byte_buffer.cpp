#include "intake/byte_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/error.hpp"

namespace mox::intake {

ByteBuffer::~ByteBuffer() {
    std::free(data_);
}

void ByteBuffer::append(std::string_view text) {
    if (text.empty()) return;
    if (text.size() > capacity_ - size_) reserve(std::max(size_ + text.size(), capacity_ + capacity_ / 16));
    std::memcpy(data_ + size_, text.data(), text.size());
    size_ += text.size();
}

void ByteBuffer::shrink(std::size_t size) {
    size_ = std::min(size, size_);
    // Little to gain is not worth a call; a sixteenth is what append() may have reserved.
    if (size_ > 0 && capacity_ - size_ > 4096) reserve(size_);
}

void ByteBuffer::reserve(std::size_t capacity) {
    void* const grown = std::realloc(data_, capacity);
    if (grown == nullptr)
        throw Error(Errc::failed, "out of memory for a message of " + std::to_string(size_) + " bytes");
    data_ = static_cast<char*>(grown);
    capacity_ = capacity;
}

}  // namespace mox::intake
