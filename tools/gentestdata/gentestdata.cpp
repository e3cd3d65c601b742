#include "tools/gentestdata/gentestdata.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "cli/options.hpp"
#include "datadir/layout.hpp"
#include "tools/gentestdata/filler.hpp"
#include "tools/gentestdata/scenario.hpp"

namespace mox::gentestdata {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t start_of_time = 1'700'000'000;  // 2023-11-14T22:13:20Z: data must not depend on today

// Takes away what a failed run wrote: the directory itself only if it was not there before.
class Destination {
public:
    explicit Destination(const fs::path& path) : path_(path), existed_(status_of(path).has_value()) {}
    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;
    ~Destination() {
        if (kept_) return;
        std::error_code ignored;
        if (!existed_) fs::remove_all(path_, ignored);
        if (existed_)
            for (const auto& entry : fs::directory_iterator(path_, ignored)) fs::remove_all(entry.path(), ignored);
    }
    void keep() { kept_ = true; }

private:
    fs::path path_;
    bool existed_;
    bool kept_ = false;
};

void require_unused(const fs::path& destination) {
    if (!status_of(destination)) return;
    if (!directory_exists(destination))
        throw Error(Errc::failed, quote(destination.native()) + " exists and is no folder");
    if (datadir::detect_format(destination) != datadir::Format::empty)
        throw Error(Errc::failed, quote(destination.native()) + " exists and is not empty");
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("DEST", options.destination, "Directory to make; it must be missing or empty.")
        .required()
        .type_name("DEST");
    app.add_option("--seed", options.seed, "seed of everything that varies")
        .type_name("N")
        .range(0, 1'000'000'000'000'000'000)
        .default_text();
    app.add_option("--accounts", options.accounts, "instead of the fixed scenario, so many accounts of made-up mail")
        .type_name("N")
        .range(0, 1'000'000);
    app.add_option("--messages", options.messages, "messages in each of them")
        .type_name("N")
        .range(0, 100'000'000)
        .default_text();
    cli::add_jobs_option(app, options.jobs);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    require_unused(options.destination);
    Destination destination(options.destination);
    const datadir::Layout layout = datadir::create(options.destination);
    FixedClock clock(start_of_time);
    std::int64_t accounts = 4;
    std::int64_t messages = 0;
    if (options.accounts > 0) {
        accounts = options.accounts;
        messages = options.accounts * options.messages;
        cli::Progress progress(
            out, {.label = "writing", .unit = "messages", .total_count = static_cast<std::uint64_t>(messages)});
        fill_accounts(layout, clock, static_cast<std::uint64_t>(options.seed), accounts, options.messages,
                      options.jobs == 0 ? default_jobs() : options.jobs, progress);
    } else {
        messages = write_scenario(layout, clock);
    }
    sync_filesystem(layout.root());
    destination.keep();
    out.summary(cli::Record("summary", "{dest}: {accounts:account|accounts}, {messages:message|messages}")
                    .set("dest", options.destination)
                    .set("accounts", accounts)
                    .set("messages", messages)
                    .set("seed", options.seed));
    return cli::Exit::ok;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "gentestdata",
         .summary = "Make a data directory for upgrade tests and demonstrations.",
         .description =
             "Without --accounts: the fixed scenario, four small accounts, a queued message and reports. The same "
             "options give the same contents, whatever the day.",
         .examples = {{"mox-gentestdata data", "The fixed scenario."},
                      {"mox-gentestdata --accounts 1 --messages 50000 big", "One account with 50,000 messages."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found}},
        add_options, run);
}

}  // namespace mox::gentestdata
