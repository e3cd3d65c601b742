#include "base/version.hpp"

namespace mox {

std::string_view program_version() {
    return MOX_VERSION;
}

}  // namespace mox
