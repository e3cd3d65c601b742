#pragma once

#include <string>

#include "config/load.hpp"
#include "datadir/layout.hpp"
#include "datadir/lock.hpp"
#include "server/log/log.hpp"
#include "server/process/listeners.hpp"
#include "server/process/user.hpp"

namespace mox::process {

// Everything that a server needs of the system, as it is once its start has gone well.
struct Prepared {
    config::Config config;
    datadir::Layout layout;
    datadir::Lock serving;  // the directory is ours alone
    User user;
    Listeners listeners;  // bound, with certificates
    UniqueFd control;     // the control socket
    std::string received_id_key;
};

// The part of the start that may need root, up to and including giving it up. Throws as serve().
[[nodiscard]] Prepared prepare(config::Config config, const log::Logger& log);

// The configuration, checked; warnings are logged. Throws Error{failed} naming the first error.
[[nodiscard]] config::Config load_configuration(const std::filesystem::path& file, const log::Logger& log);
// What mox.conf says of logging, from now on.
void set_levels(log::Levels& levels, const config::Static& settings);

}  // namespace mox::process
