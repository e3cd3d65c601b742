#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "server/log/level.hpp"

namespace mox::log {

// Where finished lines go. Any thread may call it.
class Sink {
public:
    virtual ~Sink() = default;
    // `line` without its line feed.
    virtual void write(Level level, std::string_view line) = 0;
    // Whether lines need their time: a journal notes it itself.
    [[nodiscard]] virtual bool wants_time() const { return true; }
};

// A descriptor, standard error as a rule. Each line is one write, so that lines of several processes do not mix. When
// the descriptor is the journal's ($JOURNAL_STREAM), lines begin with their priority (sd-daemon(3)) and have no time.
// Failures are ignored: there is nowhere to tell them.
class DescriptorSink final : public Sink {
public:
    // `journal_stream` is the value of $JOURNAL_STREAM, "device:inode" of the descriptor that is the journal's.
    explicit DescriptorSink(int fd, const char* journal_stream = nullptr);
    void write(Level level, std::string_view line) override;
    [[nodiscard]] bool wants_time() const override { return !is_journal_; }

private:
    const int fd_;
    bool is_journal_ = false;
    std::mutex mutex_;
};

// For tests: keeps everything.
class StringSink final : public Sink {
public:
    void write(Level level, std::string_view line) override;
    [[nodiscard]] bool wants_time() const override { return false; }
    [[nodiscard]] std::string text() const;

private:
    mutable std::mutex mutex_;
    std::string text_;
};

}  // namespace mox::log
