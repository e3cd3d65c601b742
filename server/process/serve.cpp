#include "server/process/serve.hpp"

#include <sys/stat.h>

#include <utility>

#include "server/log/log.hpp"
#include "server/process/notify.hpp"
#include "server/process/preparation.hpp"
#include "server/process/running.hpp"

namespace mox::process {

void serve(const Options& options) {
    // Folders that are made from here on get their mode by their making: changing it afterwards would set the
    // set-group-ID bit that they inherited, which the service manager may forbid.
    (void)::umask(007);
    const SystemClock clock;
    log::Levels levels;
    const log::Log log{.sink = *options.sink, .levels = levels, .clock = clock};
    const log::Logger logger(log, "serve");
    Notifier notifier;
    auto config = load_configuration(options.config_file, logger);
    set_levels(levels, config.settings);
    Running running(prepare(std::move(config), logger), options, log, std::move(notifier));
    running.run();
}

}  // namespace mox::process
