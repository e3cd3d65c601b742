#include "tools/retrain/retrain.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "cli/progress.hpp"
#include "junk/tokenizer.hpp"
#include "store/junk_filter.hpp"
#include "tools/retrain/evaluate.hpp"
#include "tools/shared/data_dir.hpp"

namespace mox::retrain {

namespace {

// No sequence of words in the configuration: our own filter. The original has no words at all then.
Settings settings_of(const config::JunkFilter& filter) {
    const auto& params = filter.params;
    Settings settings;
    settings.threshold = filter.threshold;
    if (!params.onegrams && !params.twograms && !params.threegrams) {
        settings.parameters = junk::own_parameters;
        return settings;
    }
    settings.parameters = {.onegrams = params.onegrams, .twograms = params.twograms, .threegrams = params.threegrams};
    settings.scoring.method = junk::Scoring::Method::classic;
    settings.scoring.max_power = params.max_power;
    settings.scoring.top_words = params.top_words;
    settings.scoring.ignore_words = params.ignore_words;
    settings.scoring.rare_words = params.rare_words;
    return settings;
}

// nullopt for an account whose configuration has no junk filter.
std::optional<Settings> settings_for(const tools::DataDir& data_dir, const std::string& account) {
    if (data_dir.config) {
        const auto& configured = config::account_config(*data_dir.config, account);
        if (!configured.junk_filter) return std::nullopt;
        return settings_of(*configured.junk_filter);
    }
    const auto path = data_dir.layout.junk_filter_db(account);
    Settings settings = settings_of({.threshold = 0.95, .params = {}});
    if (!status_of(path)) return settings;
    try {
        const junk::Parameters made_with = junk::parameters_of(path);
        if (made_with.tokenizer_version == 0) return settings;
        settings.parameters = {.onegrams = made_with.onegrams,
                               .twograms = made_with.twograms,
                               .threegrams = made_with.threegrams,
                               .tokenizer_version = made_with.tokenizer_version};
        if (settings.parameters.tokenizer_version == junk::classic_tokenizer)
            settings.scoring.method = junk::Scoring::Method::classic;
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;  // a damaged filter is replaced
    }
    return settings;
}

junk::FilterDb open_filter(const store::Account& account, const Settings& settings, const Options& options) {
    constexpr int cache_kib = 32'768;
    try {
        junk::FilterDb filter = store::open_junk_filter(account, settings.parameters, options.lock_timeout, cache_kib);
        (void)filter.applied_log();
        return filter;
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
    }
    // It holds nothing that the messages do not say.
    const std::string path = account.layout().junk_filter_db(account.name());
    for (const char* side : {"-wal", "-shm", ""}) (void)remove_file(path + side);
    return store::open_junk_filter(account, settings.parameters, options.lock_timeout, cache_kib);
}

Totals train(store::Account& account, const Settings& settings, const Options& options, cli::Reporter& out) {
    cli::Progress progress(out, {.label = "training", .unit = "messages"});
    const store::RetrainOptions how{
        .parameters = settings.parameters,
        .jobs = options.jobs == 0 ? default_jobs() : options.jobs,
        .progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); }};
    store::Retrained result;
    if (options.dry_run) {
        store::for_each_trainable(account, how, junk::Texts::forget,
                                  [&](const store::TrainedMessage& message, const junk::WordSet& words) {
                                      if (words.empty()) {
                                          ++result.unread;
                                          return;
                                      }
                                      if (message.junk) ++result.messages.spam;
                                      if (message.ham) ++result.messages.ham;
                                  });
    } else {
        junk::FilterDb filter = open_filter(account, settings, options);
        result = store::retrain(account, filter, how);
    }
    return {.accounts = 1,
            .junk = result.messages.spam,
            .ham = result.messages.ham,
            .words = result.words,
            .unread = result.unread};
}

Totals work_on(const tools::DataDir& data_dir, const std::string& name, const Settings& settings,
               const Options& options, cli::Reporter& out) {
    if (options.evaluate || options.dry_run || !options.explain.empty()) {
        auto account = tools::open_account_untouched(data_dir.layout, name);
        if (options.evaluate) return evaluate(account, settings, options, out);
        return options.dry_run ? train(account, settings, options, out) : explain(account, settings, options, out);
    }
    auto account = tools::open_account(data_dir, name, {.lock_timeout = options.lock_timeout});
    return train(account, settings, options, out);
}

cli::Record summary_of(const Totals& totals, const Options& options, double elapsed_seconds) {
    std::string text = options.evaluate ? "judged" : options.dry_run ? "would train" : "trained";
    text += " {junk} junk and {ham} ham of {accounts:account|accounts}";
    if (!options.explain.empty()) text = "{words:word|words} in the message";
    if (totals.words > 0 && options.explain.empty()) text += ", {words:word|words}";
    if (totals.unread > 0) text += ", {unread:message|messages} could not be read";
    return cli::Record("summary", text + ", in {elapsed_seconds} s")
        .set("accounts", totals.accounts)
        .set("junk", totals.junk)
        .set("ham", totals.ham)
        .set("words", totals.words)
        .set("unread", totals.unread)
        .set("dry_run", cli::Value(options.dry_run))
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
}

void check(const Options& options) {
    if (options.account.empty() != options.all) throw Error(Errc::usage, "name an ACCOUNT, or --all");
    if (options.folds < 2 || options.folds > 100) throw Error(Errc::usage, "--folds must be 2 to 100");
    if (options.evaluate && !options.explain.empty())
        throw Error(Errc::usage, "--evaluate and --explain exclude each other");
    if (options.all && !options.explain.empty()) throw Error(Errc::usage, "--explain needs one ACCOUNT");
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("ACCOUNT", options.account, "Account whose junk filter is made anew.").type_name("ACCOUNT");
    app.add_flag("--all", options.all, "All accounts that have a junk filter.");
    app.add_flag("--evaluate", options.evaluate, "Measure on the account's own mail instead; changes nothing.");
    app.add_option("--folds", options.folds, "Parts that the mail is dealt into for --evaluate.")
        .type_name("NUMBER")
        .default_text();
    app.add_option("--explain", options.explain, "Say what the filter makes of the message in FILE, and why.")
        .type_name("FILE");
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    check(options);
    const auto data_dir = tools::open_data_dir(options.data_dir);
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::string> names{options.account};
    if (options.all)
        names = datadir::account_names(data_dir.layout);
    else
        tools::require_account(data_dir, options.account);
    Totals totals;
    for (const auto& name : names) {
        const auto settings = settings_for(data_dir, name);
        if (!settings && options.all) continue;
        if (!settings)
            throw Error(Errc::failed, "account " + quote(name) + " has no junk filter",
                        "add JunkFilter to the account in domains.conf");
        const Totals of_account = work_on(data_dir, name, *settings, options, out);
        totals.accounts += of_account.accounts;
        totals.junk += of_account.junk;
        totals.ham += of_account.ham;
        totals.words += of_account.words;
        totals.unread += of_account.unread;
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    out.summary(summary_of(totals, options, elapsed.count()));
    return totals.unread == 0 ? cli::Exit::ok : cli::Exit::incomplete;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "retrain",
         .summary = "Make an account's junk filter anew from the flags of its messages.",
         .description =
             "Messages with exactly one of $Junk and $NotJunk are trained. The old filter decides until the new one is "
             "complete. Works beside a running server.",
         .examples = {{"mox-retrain alice", "With the configuration in config/mox.conf."},
                      {"mox-retrain --evaluate alice", "How well the filter decides about mail it has not seen."},
                      {"mox-retrain --data-dir data --explain mail.eml alice", "Why a message is taken for junk."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run, [](const Options& options, std::string_view what) {
            return tools::complete_names(options.data_dir, what, options.account);
        });
}

}  // namespace mox::retrain
