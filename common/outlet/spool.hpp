#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mox::outlet {

// Text that is collected while other things are written: in memory at first, then in a temporary file without a name.
// Throws Error as base/file.hpp.
class Spool {
public:
    void append(std::string_view text);
    [[nodiscard]] std::size_t size() const { return size_; }
    // Everything from the start; append() may not be called again.
    void read(const std::function<void(std::string_view)>& sink);

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    void spill();

    std::string buffer_;
    std::unique_ptr<std::FILE, Close> file_;
    std::size_t size_ = 0;
};

}  // namespace mox::outlet
