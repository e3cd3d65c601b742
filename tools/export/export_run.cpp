#include "tools/export/export_run.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "cli/progress.hpp"
#include "datadir/layout.hpp"
#include "tools/export/contents.hpp"

namespace mox::exporting {

namespace {

// Bytes of messages under way at most.
constexpr std::size_t memory_limit = 16U << 20U;
constexpr std::size_t weight_of_a_message = 4096;

struct Input {
    SelectedMessage message;
    std::filesystem::path file;
    outlet::Folder* folder = nullptr;
};

struct Output {
    store::Uid uid{};
    store::MessageId id{};
    outlet::Piece piece;
    std::int64_t size_bytes = 0;
    bool is_missing = false;
    std::string problem;
};

Output process(Input&& input) {
    Output output{.uid = input.message.uid, .id = input.message.id};
    if (!input.message.stored) {
        output.is_missing = true;
        output.problem = "the database has lost it";
        return output;
    }
    LoadedMessage loaded = load(input.file, *input.message.stored);
    output.is_missing = loaded.is_unreadable;
    if (!loaded.problem.empty()) output.problem = "message file " + loaded.problem;
    if (output.is_missing) return output;
    output.size_bytes = static_cast<std::int64_t>(loaded.contents.size_bytes);
    outlet::Message message{.id = number(input.message.id),
                            .uid = number(input.message.uid),
                            .flags = input.message.flags,
                            .keywords = std::move(input.message.keywords),
                            .received = input.message.stored->received,
                            .sender = sender_of(input.message.mail_from, loaded.header())};
    output.piece = input.folder->prepare(std::move(message), std::move(loaded.contents));
    return output;
}

// What a message weighs in memory: its contents once or twice, unless they are streamed.
std::size_t weight_of(const SelectedMessage& message) {
    const std::int64_t size = message.stored ? message.stored->size_bytes : 0;
    if (size > largest_in_memory) return 512U << 10U;
    return weight_of_a_message + 2 * static_cast<std::size_t>(std::max<std::int64_t>(size, 0));
}

}  // namespace

Totals export_all(store::Account& account, Selection& selection, outlet::Writer& writer, unsigned jobs,
                  cli::Reporter& out, const std::function<void(const SelectedMailbox&, const Totals&)>& done) {
    Totals totals, of_mailbox;
    cli::Progress progress(out, {.label = "exporting",
                                 .unit = "messages",
                                 .total_count = static_cast<std::uint64_t>(selection.messages()),
                                 .total_bytes = static_cast<std::uint64_t>(selection.size_bytes())});
    const SelectedMailbox* current = nullptr;
    std::unique_ptr<outlet::Folder> folder;
    const auto report = [&](const Output& output) {
        if (output.problem.empty()) return;
        const std::string text =
            fmt::format("mailbox {}, UID {} ({}): {}", quote(current->info.name), number(output.uid),
                        account.layout().relative(account.message_file(output.id)), output.problem);
        out.error(output.is_missing ? text + "; left out" : text + "; exported as it is", "run mox-verifydata",
                  Errc::corrupt);
        ++(output.is_missing ? of_mailbox.failed : of_mailbox.damaged);
    };
    OrderedPipeline<Input, Output> pipeline(jobs, memory_limit, process, [&](Output&& output) {
        report(output);
        progress.add(1, static_cast<std::uint64_t>(output.size_bytes));
        if (output.is_missing) return;
        ++of_mailbox.messages;
        of_mailbox.size_bytes += output.size_bytes;
        folder->write(std::move(output.piece));
    });
    for (const auto& mailbox : selection.mailboxes()) {
        check_interrupt();
        out.step("mailbox " + quote(mailbox.info.name));
        current = &mailbox;
        of_mailbox = {};
        folder = writer.open(mailbox.info);
        selection.for_each(mailbox, [&](SelectedMessage&& message) {
            check_interrupt();
            const std::size_t weight = weight_of(message);
            std::filesystem::path file = account.message_file(message.id);
            pipeline.submit({std::move(message), std::move(file), folder.get()}, weight);
        });
        pipeline.finish();
        folder->close();
        ++totals.mailboxes;
        totals.messages += of_mailbox.messages;
        totals.size_bytes += of_mailbox.size_bytes;
        totals.damaged += of_mailbox.damaged;
        totals.failed += of_mailbox.failed;
        done(mailbox, of_mailbox);
    }
    writer.write_subscriptions(selection.subscriptions());
    out.step("writing everything to disk");
    writer.commit();
    return totals;
}

}  // namespace mox::exporting
