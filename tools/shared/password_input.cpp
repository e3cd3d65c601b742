#include "tools/shared/password_input.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"

namespace mox::tools {

namespace {

// A terminal that does not show what is typed, until the end of this object.
class Hidden {
public:
    explicit Hidden(int fd) : fd_(fd) {
        if (::tcgetattr(fd, &before_) != 0) throw system_error(errno, "look at the terminal");
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        quiet.c_lflag |= ECHONL;
        if (::tcsetattr(fd, TCSAFLUSH, &quiet) != 0) throw system_error(errno, "change the terminal");
    }
    Hidden(const Hidden&) = delete;
    Hidden& operator=(const Hidden&) = delete;
    ~Hidden() { (void)::tcsetattr(fd_, TCSAFLUSH, &before_); }

private:
    int fd_;
    termios before_{};
};

// Up to the next line feed, which goes, as does a CR before it, or the end.
std::string read_line(int fd) {
    std::string line;
    for (char c = 0;;) {
        const ssize_t count = ::read(fd, &c, 1);
        if (count < 0 && errno != EINTR) throw system_error(errno, "read the password");
        check_interrupt();
        if (count < 0) continue;
        if (count == 0 || c == '\n') break;
        line += c;
        if (line.size() > max_password_input_bytes) throw Error(Errc::usage, "the password is too long");
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::string ask(int terminal, const std::string& prompt) {
    write_all(terminal, prompt, "terminal");
    return read_line(terminal);
}

}  // namespace

std::string read_new_password(std::string_view what) {
    if (::isatty(STDIN_FILENO) == 0) {
        std::string password = read_line(STDIN_FILENO);
        if (password.empty())
            throw Error(Errc::usage, "there is no password on standard input",
                        "run this at a terminal, or write the password into a pipe");
        return password;
    }
    const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
    const int fd = terminal ? terminal.get() : STDIN_FILENO;
    const Hidden hidden(fd);
    std::string password = ask(fd, "New " + std::string(what) + ": ");
    if (ask(fd, "Once more: ") != password) throw Error(Errc::usage, "the two passwords differ");
    return password;
}

}  // namespace mox::tools
