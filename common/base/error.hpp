#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace mox {

// What a caller or a shell script can act on; everything else is `failed`. docs/cli.md maps these to exit codes.
enum class Errc { failed, usage, not_found, locked, newer_version, unknown_format, corrupt, no_space, interrupted };

// The one exception type. what() reads from the outermost context inward, without a final full stop:
//   account alice: insert message: disk I/O error
// hint() is empty or says what the user can do next; it is printed on a line of its own.
class Error : public std::exception {
public:
    Error(Errc code, std::string message, std::string hint = {})
        : code_(code),
          message_(std::move(message)),
          hint_(std::move(hint)) {}

    [[nodiscard]] Errc code() const noexcept { return code_; }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
    void add_context(std::string_view context) { message_.insert(0, std::string(context) + ": "); }

private:
    Errc code_;
    std::string message_;
    std::string hint_;
};

// Signal `number` asked this program to stop (base/interrupt.hpp). Code is Errc::interrupted.
class Interrupted : public Error {
public:
    explicit Interrupted(int number) : Error(Errc::interrupted, "interrupted"), number_(number) {}
    [[nodiscard]] int signal_number() const noexcept { return number_; }

private:
    int number_;
};

// The failure of a system call: "open 'x/index.db': permission denied". `number` is an errno value; ENOENT becomes
// Errc::not_found, ENOSPC and EDQUOT Errc::no_space, everything else Errc::failed.
[[nodiscard]] Error system_error(int number, std::string_view operation, std::string_view path = {});

// Runs `work`; an Error leaving it gains `context` in front of its message.
template <class Work>
decltype(auto) in_context(std::string_view context, Work&& work) try {
    return std::forward<Work>(work)();
} catch (Error& error) {
    error.add_context(context);
    throw;
}

}  // namespace mox
