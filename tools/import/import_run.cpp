#include "tools/import/import_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "cli/progress.hpp"
#include "store/bulk.hpp"

namespace mox::importing {

namespace {

// Raw bytes of messages under way at most, unless a single message is larger.
constexpr std::size_t memory_limit = 8U << 20U;
// Texts of one kind that are shown; the rest is counted.
constexpr std::int64_t examples_shown = 10;

struct Input {
    intake::RawMessage raw;
    store::MessageId id{};
    std::filesystem::path file;  // empty: nothing is written
};

struct Output {
    store::MessageId id{};
    intake::Metadata metadata;
    store::WrittenFile file;
};

Output process(Input&& input, const Ownership& ownership) {
    // Keeps its buffers from message to message.
    thread_local store::MessageWriter writer;
    Output output{.id = input.id};
    if (input.file.empty()) {
        output.metadata = intake::convert(input.raw, [](std::span<const std::byte>) {});
        return output;
    }
    try {
        writer.begin(input.file, {}, ownership);
        output.metadata = intake::convert(input.raw, [](std::span<const std::byte> bytes) { writer.write(bytes); });
        if (output.metadata.failure)
            writer.abandon();
        else
            output.file = writer.finish(store::MessageWriter::Sync::later);
    } catch (...) {
        writer.abandon();
        throw;
    }
    return output;
}

// Collects what is said about single messages.
class Notes {
public:
    Notes(cli::Reporter& out, Totals& totals) : out_(out), totals_(totals) {}

    void add(const intake::Metadata& metadata) {
        if (metadata.failure) {
            ++totals_.failed;
            out_.error(metadata.failure->reason);
        }
        for (const auto& warning : metadata.warnings) warn(metadata.origin + ": " + warning);
        for (const auto& name : metadata.marks.rejected) {
            ++totals_.rejected_keywords;
            warn(fmt::format("{}: {} cannot be a keyword: {}", metadata.origin, quote(name),
                             model::keyword_problem(name)));
        }
    }
    void add(const intake::Warnings& warnings) {
        for (const auto& text : warnings.texts) warn(text);
        warnings_ += static_cast<std::int64_t>(warnings.count - warnings.texts.size());
    }
    void finish() {
        if (warnings_ > examples_shown)
            out_.warning(fmt::format("{} more warnings about messages are not shown", warnings_ - examples_shown));
    }

private:
    void warn(const std::string& text) {
        if (++warnings_ <= examples_shown) out_.warning(text);
    }
    cli::Reporter& out_;
    Totals& totals_;
    std::int64_t warnings_ = 0;
};

// Everything but what happens to a converted message: reading, progress, notes, time.
template <class MakeInput, class Consume>
Totals process_all(intake::MessageSource& source, const Settings& settings, cli::Reporter& out,
                   const Ownership& ownership, MakeInput&& make_input, Consume&& consume) {
    const auto started = std::chrono::steady_clock::now();
    Totals totals;
    Notes notes(out, totals);
    cli::Progress progress(out, {.label = "importing", .unit = "messages"});
    {
        OrderedPipeline<Input, Output> pipeline(
            settings.jobs == 0 ? default_jobs() : settings.jobs, memory_limit,
            [&](Input&& input) { return process(std::move(input), ownership); },
            [&](Output&& output) {
                notes.add(output.metadata);
                progress.add(1, output.metadata.size_bytes);
                if (!output.metadata.failure) {
                    ++totals.messages;
                    totals.size_bytes += static_cast<std::int64_t>(output.metadata.size_bytes);
                }
                consume(std::move(output));
            });
        while (auto raw = source.next()) {
            check_interrupt();
            const std::size_t weight = raw->memory_bytes();
            pipeline.submit(make_input(std::move(*raw)), weight);
            const auto state = source.progress();
            progress.set_total(state.total_messages.value_or(0), state.total_bytes.value_or(0));
        }
        pipeline.finish();
    }
    notes.add(source.warnings());
    notes.finish();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    totals.elapsed_seconds = std::round(elapsed.count() * 1000) / 1000;
    return totals;
}

}  // namespace

Totals import_into(store::Account& account, intake::MessageSource& source, const Settings& settings,
                   cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    const Timestamp now = account.now();
    store::BulkInsert bulk(account, "import");
    Totals totals = process_all(
        source, settings, out, account.ownership(),
        [&](intake::RawMessage&& raw) {
            const store::MessageId id = bulk.take_id();
            return Input{.raw = std::move(raw), .id = id, .file = account.message_file(id)};
        },
        [&](Output&& output) {
            if (output.metadata.failure) {
                bulk.skip(output.id);
                return;
            }
            bulk.add({.id = output.id,
                      .file = std::move(output.file),
                      .received = output.metadata.received.value_or(now),
                      .flags = output.metadata.marks.flags,
                      .keywords = std::move(output.metadata.marks.keywords)});
        });
    (void)bulk.commit({{settings.mailbox}});
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    totals.elapsed_seconds = std::round(elapsed.count() * 1000) / 1000;
    return totals;
}

Totals examine(intake::MessageSource& source, const Settings& settings, cli::Reporter& out) {
    return process_all(
        source, settings, out, {}, [](intake::RawMessage&& raw) { return Input{.raw = std::move(raw)}; },
        [](Output&&) {});
}

}  // namespace mox::importing
