#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace mox::cli {

// Where lines go: standard output or standard error of the process, or a string in tests. Not thread-safe: the
// Reporter in front of it locks.
class Output {
public:
    virtual ~Output() = default;
    virtual void write(std::string_view text) = 0;
    // Everything written so far has been accepted by the system when it returns.
    virtual void flush() = 0;
    [[nodiscard]] virtual bool is_terminal() const { return false; }
    // Columns of the terminal.
    [[nodiscard]] virtual unsigned width() const { return 80; }
};

// Results. Buffered, but nothing stays back for longer than it takes to come back with the next line after 100 ms; a
// terminal gets every line at once. A failed write (ENOSPC, EPIPE, a closed descriptor) throws Error naming
// 'standard output', once: what comes after it is dropped.
class StandardOutput final : public Output {
public:
    explicit StandardOutput(int fd);
    void write(std::string_view text) override;
    void flush() override;
    [[nodiscard]] bool is_terminal() const override { return is_terminal_; }
    [[nodiscard]] unsigned width() const override;

private:
    void drain();

    int fd_;
    bool is_terminal_;
    bool broken_ = false;
    std::string buffer_;
    std::chrono::steady_clock::time_point drained_;
};

// Messages. Unbuffered; failures are ignored, as there is nowhere left to tell them.
class StandardError final : public Output {
public:
    explicit StandardError(int fd);
    void write(std::string_view text) override;
    void flush() override {}
    [[nodiscard]] bool is_terminal() const override { return is_terminal_; }
    [[nodiscard]] unsigned width() const override;

private:
    int fd_;
    bool is_terminal_;
};

class StringOutput final : public Output {
public:
    void write(std::string_view text) override { text_ += text; }
    void flush() override {}
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

// Opens descriptors 0 to 2 that the caller closed on something that refuses to be used, so that no database can be
// opened as "standard output" and results written to a closed descriptor still fail.
void occupy_standard_descriptors();

// `text` on one line: control characters escaped, everything else (names are quoted already) as it is.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace mox::cli
