#include "base/error.hpp"

#include <cctype>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/platform.hpp"

namespace mox {

namespace {

Errc code_for(int number) {
    switch (number) {
        case ENOENT:
            return Errc::not_found;
        case ENOSPC:
        case EDQUOT:
            return Errc::no_space;
        default:
            return Errc::failed;
    }
}

// The systems' texts start with a capital; ours are clauses of a sentence. Only plain words are changed ("I/O error"
// stays).
std::string error_text(int number) {
    std::string text = platform::error_description(number);
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

}  // namespace

Error system_error(int number, std::string_view operation, std::string_view path) {
    std::string message(operation);
    if (!path.empty()) message += " " + quote(path);
    return Error(code_for(number), message + ": " + error_text(number));
}

}  // namespace mox
