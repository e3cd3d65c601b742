#include "tools/server/tools.hpp"

namespace mox {

namespace serve {
cli::Tool tool();
}
namespace localserve {
cli::Tool tool();
}
namespace stop {
cli::Tool tool();
}
namespace loglevels {
cli::Tool tool();
}

std::optional<cli::Tool> tools::server_tool(std::string_view name) {
    if (name == "serve") return serve::tool();
    if (name == "localserve") return localserve::tool();
    if (name == "stop") return stop::tool();
    if (name == "loglevels") return loglevels::tool();
    return std::nullopt;
}

}  // namespace mox
