#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "snapshot/restore_messages.hpp"
#include "store/transaction.hpp"
#include "tools/restore/arguments.hpp"
#include "tools/restore/modes.hpp"
#include "tools/shared/data_dir.hpp"

namespace mox::restore {

namespace {

snapshot::MessagesOptions messages_options(const Options& options) {
    return {.selection = selection_of(options),
            .into_mailbox = options.into_mailbox.empty() ? "" : checked_mailbox(options.into_mailbox),
            .duplicates = options.duplicates,
            .damaged = options.damaged,
            .jobs = options.jobs != 0 ? options.jobs : default_jobs()};
}

// What was changed since the snapshot was made would be restored as if it were right. False when it shall be.
bool require_unaltered(const Options& options, const snapshot::Source& source, cli::Reporter& out) {
    const std::string path = "accounts/" + options.account + "/index.db";
    const std::string trouble = snapshot::database_trouble(source, path);
    if (trouble.empty()) return true;
    if (!options.damaged)
        throw Error(Errc::corrupt, "snapshot " + quote(source.path().native()) + ": " + quote(path) + " " + trouble,
                    "another snapshot may be whole; --damaged uses this one nevertheless");
    out.warning(quote(path) + " " + trouble);
    return false;
}

store::Account make_account(const datadir::Layout& layout, const Options& options, snapshot::SnapshotAccount& from,
                            const store::AccountOptions& account_options) {
    auto account = store::Account::create(layout, options.into, {}, account_options);
    store::Transaction tx(account);
    tx.set_trains(from.database().value<bool>("SELECT trains FROM account").value_or(false));
    tx.commit();
    return account;
}

cli::Record summary_of(const Options& options, const std::string& mailbox, const snapshot::MessagesTotals& totals,
                       double elapsed_seconds) {
    std::string text = options.dry_run ? "would restore" : "restored";
    text += " {messages:message|messages} ({size_bytes:bytes}) into account {into}";
    if (!mailbox.empty()) text += ", mailbox {into_mailbox}";
    if (totals.present > 0) text += ", {present} are there already";
    if (totals.failed > 0) text += ", {failed} could not be restored";
    if (totals.damaged > 0) text += ", {damaged} are damaged";
    return cli::Record("summary", text + ", in {elapsed_seconds} s")
        .set("account", options.account)
        .set("into", options.into)
        .set("into_mailbox", mailbox)
        .set("messages", totals.messages)
        .set("size_bytes", totals.size_bytes)
        .set("present", totals.present)
        .set("failed", totals.failed)
        .set("damaged", totals.damaged)
        .set("created_mailboxes", totals.created_mailboxes)
        .set("dry_run", cli::Value(options.dry_run))
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
}

}  // namespace

cli::Exit restore_messages(const Options& options, snapshot::Source& source, const std::filesystem::path& scratch,
                           cli::Reporter& out) {
    const Stopwatch watch;
    const auto settings = messages_options(options);
    snapshot::SnapshotAccount from(source, options.account, scratch);
    const bool is_sound = require_unaltered(options, source, out);
    const auto data_dir = tools::open_data_dir(options.data_dir);
    const bool is_missing =
        !datadir::account_name_problem(options.into).empty() || !status_of(data_dir.layout.account(options.into));
    if (is_missing && !options.create_account)
        throw Error(Errc::not_found, "no account " + quote(options.into) + " to restore into",
                    "--create-account makes it");

    snapshot::MessagesTotals totals;
    if (options.dry_run) {
        std::optional<store::Account> into;
        if (!is_missing) into.emplace(tools::open_account_untouched(data_dir.layout, options.into));
        totals = snapshot::plan_messages(from, into ? &*into : nullptr, settings);
    } else {
        const store::AccountOptions account_options{.lock_timeout = options.lock_timeout, .cache_kib = 16'384};
        auto into = is_missing ? make_account(data_dir.layout, options, from, account_options)
                               : store::Account::open(data_dir.layout, options.into, account_options);
        Listener listener(out, "messages");
        totals = snapshot::restore_messages(source, from, into, settings, listener);
    }
    if (totals.messages + totals.present + totals.failed == 0) out.warning("no message of the snapshot is selected");
    out.summary(summary_of(options, settings.into_mailbox, totals, watch.seconds()));
    return is_sound && totals.failed + totals.damaged == 0 ? cli::Exit::ok : cli::Exit::incomplete;
}

}  // namespace mox::restore
