#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace mox::intake {

// Owns the bytes of one message, contiguous. Grows with realloc, which moves large blocks without copying them, and by
// a sixteenth at a time: memory in use stays below 1.1 times the contents, however they arrive.
// Throws Error{failed} when memory is short.
class ByteBuffer {
public:
    ByteBuffer() = default;
    explicit ByteBuffer(std::string_view text) { append(text); }
    ByteBuffer(ByteBuffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    ByteBuffer& operator=(ByteBuffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~ByteBuffer();

    void append(std::string_view text);
    // Keeps the first `size` bytes, at most size() of them, and gives back the rest of the memory.
    void shrink(std::size_t size);

    [[nodiscard]] std::string_view text() const { return {data_, size_}; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

private:
    void reserve(std::size_t capacity);

    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace mox::intake
