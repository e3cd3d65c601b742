#include "tools/queue/queuetool.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "mime/domain.hpp"
#include "queue/queue.hpp"
#include "tools/shared/data_dir.hpp"

namespace mox::queuetool {

namespace {

constexpr int page_size = 1000;

queue::Filter filter_of(const Options& options) {
    queue::Filter filter;
    filter.ids = options.ids;
    if (!options.account.empty()) filter.account = options.account;
    if (!options.to_domain.empty()) filter.recipient_domain = mime::unicode_domain(options.to_domain);
    if (!options.sender_domain.empty()) filter.sender_domain = mime::unicode_domain(options.sender_domain);
    if (!options.recipient.empty()) {
        const auto at = options.recipient.rfind('@');
        if (at == std::string::npos) throw Error(Errc::usage, quote(options.recipient) + " is no address");
        filter.recipient = options.recipient.substr(0, at + 1) + mime::unicode_domain(options.recipient.substr(at + 1));
    }
    return filter;
}

bool selects(const Options& options) {
    return !options.ids.empty() || !options.account.empty() || !options.to_domain.empty() ||
           !options.recipient.empty() || !options.sender_domain.empty();
}

cli::Record shown(const queue::Message& message) {
    const auto& envelope = message.envelope;
    const queue::Attempt* const last = message.history.empty() ? nullptr : &message.history.back();
    std::string text =
        "{id}  {queued:plain}  {size_bytes:bytes}  {sender:plain} -> {recipient:plain}  {attempts:attempt|attempts}";
    text += message.pending->hold ? "  on hold" : "  next {next_attempt:plain}";
    if (!envelope.transport.empty()) text += "  by {transport:plain}";
    if (last != nullptr && !last->error.empty()) text += "\n    {last_error:plain}";
    return cli::Record("message", text)
        .set("id", message.id)
        .set("queued", to_rfc3339({.seconds = envelope.queued.seconds}))
        .set("account", envelope.sender_account)
        .set("sender", envelope.sender.empty() ? "<>" : queue::to_string(envelope.sender))
        .set("recipient", queue::to_string(envelope.recipient))
        .set("size_bytes", message.size)
        .set("attempts", message.attempts)
        .set("hold", cli::Value(message.pending->hold))
        .set("next_attempt", to_rfc3339({.seconds = message.pending->next_attempt}))
        .set("transport", envelope.transport)
        .set("last_error", last != nullptr ? last->error : "")
        .set("subject", envelope.subject);
}

// Each message that is selected, a page at a time: queues can be long.
template <class Visit>
std::int64_t for_each_message(queue::Queue& queue, queue::Filter filter, const Visit& visit) {
    std::int64_t count = 0;
    filter.limit = page_size;
    for (;;) {
        const auto page = queue.list(filter);
        for (const auto& message : page) visit(message);
        count += static_cast<std::int64_t>(page.size());
        if (page.size() < page_size) return count;
        filter.after = page.back().id;
    }
}

cli::Exit list(queue::Queue& queue, const Options& options, cli::Reporter& out) {
    std::int64_t bytes = 0;
    const auto count = for_each_message(queue, filter_of(options), [&](const queue::Message& message) {
        bytes += message.size;
        out.result(shown(message));
    });
    out.summary(cli::Record("summary", "{messages:message|messages}, {size_bytes:bytes}")
                    .set("messages", count)
                    .set("size_bytes", bytes));
    return cli::Exit::ok;
}

cli::Exit change(queue::Queue& queue, const Options& options, cli::Reporter& out) {
    const bool is_drop = options.action == Action::drop;
    const std::int64_t now = SystemClock().now().seconds;
    std::int64_t count = 0;
    for_each_message(queue, filter_of(options), [&](const queue::Message& message) {
        out.step((is_drop ? "drop message " : "kick message ") + std::to_string(message.id) + " to " +
                 queue::to_string(message.envelope.recipient));
        bool is_done = true;
        if (!options.dry_run && is_drop) {
            is_done = queue.remove(message.id);
        } else if (!options.dry_run) {
            if (!options.transport.empty()) (void)queue.set_transport(message.id, options.transport);
            is_done = queue.set_next_attempt(message.id, now);
        }
        count += is_done ? 1 : 0;
    });
    if (is_drop && !options.dry_run) queue.erase_files();
    std::string text = options.dry_run ? "would be " : "";
    text += is_drop ? "dropped: {messages:message|messages}" : "tried at once: {messages:message|messages}";
    out.summary(cli::Record("summary", text).set("messages", count).set("dry_run", cli::Value(options.dry_run)));
    return cli::Exit::ok;
}

void require_transport(const tools::DataDir& data_dir, const std::string& name) {
    if (name.empty() || !data_dir.config) return;
    if (!data_dir.config->settings.transports.contains(name))
        throw Error(Errc::not_found, "no transport " + quote(name), "transports are in mox.conf");
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "ACTION", options.action,
                    {{"list", Action::list}, {"kick", Action::kick}, {"drop", Action::drop}},
                    "List messages; have them tried now; or drop them without a notice to their senders.");
    app.add_option("--id", options.ids, "Only this message.").type_name("ID");
    app.add_option("--account", options.account, "Only messages that this account sent.").type_name("ACCOUNT");
    app.add_option("--to-domain", options.to_domain, "Only messages to this domain.").type_name("DOMAIN");
    app.add_option("--recipient", options.recipient, "Only messages to this address.").type_name("ADDRESS");
    app.add_option("--sender-domain", options.sender_domain, "Only messages from this domain.").type_name("DOMAIN");
    app.add_flag("--all", options.all, "Of drop: all messages.");
    app.add_option("--transport", options.transport, "Of kick: send by this transport of mox.conf from now on.")
        .type_name("NAME");
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    if (options.action == Action::drop && options.all == selects(options))
        throw Error(Errc::usage, "drop needs a condition, or --all and none");
    if (options.action != Action::drop && options.all) throw Error(Errc::usage, "--all is for drop only");
    if (options.action != Action::kick && !options.transport.empty())
        throw Error(Errc::usage, "--transport is for kick only");
    const auto data_dir = tools::open_data_dir(options.data_dir);
    require_transport(data_dir, options.transport);
    if (!status_of(data_dir.layout.queue_db())) {
        out.summary(cli::Record("summary", "{messages:message|messages}").set("messages", 0));
        return cli::Exit::ok;
    }
    const bool is_reading = options.action == Action::list || options.dry_run;
    const SystemClock clock;
    queue::Queue queue(
        data_dir.layout,
        {.access = is_reading ? db::Access::read_only : db::Access::read_write, .lock_timeout = options.lock_timeout},
        clock);
    const auto exit = options.action == Action::list ? list(queue, options, out) : change(queue, options, out);
    queue.close();
    return exit;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "queue",
         .summary = "List, hurry and drop messages of the outgoing queue.",
         .description = "Without conditions, list and kick mean all messages. Works beside a running server.",
         .examples = {{"mox-queue list", "What waits to be delivered, and why."},
                      {"mox-queue --to-domain example.net kick", "Try these again now."},
                      {"mox-queue --id 12 drop", "Never mind that message."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked,
                   cli::Exit::newer_version}},
        add_options, run, [](const Options& options, std::string_view what) {
            return tools::complete_names(options.data_dir, what, options.account);
        });
}

}  // namespace mox::queuetool
