#include "cli/exit.hpp"

namespace mox::cli {

Exit exit_for(Errc code) {
    switch (code) {
        case Errc::usage:
            return Exit::usage;
        case Errc::not_found:
            return Exit::not_found;
        case Errc::locked:
            return Exit::locked;
        case Errc::newer_version:
        case Errc::unknown_format:
            return Exit::newer_version;
        case Errc::failed:
        case Errc::corrupt:
        case Errc::no_space:
        case Errc::interrupted:
            return Exit::failed;
    }
    return Exit::internal;
}

std::string_view name_of(Errc code) {
    switch (code) {
        case Errc::failed:
            return "failed";
        case Errc::usage:
            return "usage";
        case Errc::not_found:
            return "not_found";
        case Errc::locked:
            return "locked";
        case Errc::newer_version:
            return "newer_version";
        case Errc::unknown_format:
            return "unknown_format";
        case Errc::corrupt:
            return "corrupt";
        case Errc::no_space:
            return "no_space";
        case Errc::interrupted:
            return "interrupted";
    }
    return "internal";
}

std::string_view meaning_of(Exit exit) {
    switch (exit) {
        case Exit::ok:
            return "done";
        case Exit::failed:
            return "failed; state as before, except what the message names";
        case Exit::usage:
            return "usage error, nothing touched";
        case Exit::incomplete:
            return "finished, but incomplete";
        case Exit::not_found:
            return "no such data directory, account, mailbox or snapshot";
        case Exit::locked:
            return "locked by another process";
        case Exit::newer_version:
            return "written by a newer version, or an unknown format";
        case Exit::internal:
            return "internal error";
    }
    return "unknown";
}

}  // namespace mox::cli
