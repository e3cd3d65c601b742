#include "snapshot/restore_messages.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "snapshot/present_messages.hpp"
#include "store/bulk.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

// Messages under way at most; each thread holds a piece of one.
constexpr std::size_t most_under_way = 64;

// One placement to restore: 24 bytes each, all in memory.
struct Planned {
    store::MessageId id{};      // in the snapshot
    store::Uid uid{};           // likewise
    std::uint32_t mailbox = 0;  // index into Choice::mailboxes
    store::MessageId new_id{};  // once it has one
};

struct Choice {
    std::vector<store::Mailbox> mailboxes;  // of the snapshot
    std::vector<Planned> messages;          // in the order of mailboxes and UIDs
    std::int64_t present = 0, size_bytes = 0;
};

template <class Row>
Row demanded(std::optional<Row> row, store::MessageId id) {
    if (!row) throw Error(Errc::corrupt, fmt::format("the snapshot's database lacks a row of message {}", number(id)));
    return *std::move(row);
}

// Asks the live account, which goes on changing: what is expunged later than this look is not restored.
Choice choose(SnapshotAccount& from, store::Account* into, const MessagesOptions& options) {
    Choice choice{.mailboxes = from.mailboxes(options.selection), .messages = {}};
    std::optional<PresentMessages> present;
    std::unordered_set<std::int64_t> in_one_mailbox;
    for (std::uint32_t i = 0; i < choice.mailboxes.size(); ++i) {
        const bool same_target = present && !options.into_mailbox.empty();
        if (into != nullptr && !options.duplicates && !same_target)
            present.emplace(*into, options.into_mailbox.empty() ? choice.mailboxes[i].name : options.into_mailbox);
        from.for_each(choice.mailboxes[i], options.selection, [&](const store::Placement& placement) {
            // Copies of one message meet again where several mailboxes become one.
            if (!options.into_mailbox.empty() && !in_one_mailbox.insert(number(placement.message)).second) return;
            const auto message = demanded(store::find_message(from.database(), placement.message), placement.message);
            if (present && present->has(message)) {
                ++choice.present;
                return;
            }
            choice.size_bytes += message.size_bytes;
            choice.messages.push_back({.id = placement.message, .uid = placement.uid, .mailbox = i});
        });
    }
    return choice;
}

struct Input {
    Planned planned;
    std::optional<store::Message> message;  // nullopt: one more place of an earlier one
    fs::path from, to;
    store::BulkInsert::Item item;  // but for the file
};
struct Output {
    Planned planned;
    store::BulkInsert::Item item;
    bool is_copy = false;
    std::int64_t size_bytes = 0;         // of prefix and file
    std::optional<std::string> failure;  // the file cannot be read, or is not what was recorded
    bool written = false;                // it is in its place nevertheless
};

// Reads `from` into `sink`. What cannot be read is returned as text; what the sink throws comes out.
std::optional<std::string> read_source(const fs::path& from,
                                       const std::function<void(std::span<const std::byte>)>& sink) {
    const UniqueFd fd(::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return errno == ENOENT ? "message file is missing" : std::string(system_error(errno, "open").what());
    struct stat status = {};
    if (::fstat(fd.get(), &status) == 0 && !S_ISREG(status.st_mode)) return "is not a regular file";
    thread_local std::vector<std::byte> buffer(64 * 1024);
    for (;;) {
        std::size_t count = 0;
        try {
            count = read_full(fd.get(), buffer, {});
        } catch (const Error& error) {
            return error.what();
        }
        if (count == 0) return std::nullopt;
        sink(std::span(buffer).first(count));
    }
}

// Brings one file to its place, or looks at it there, and compares it with its row.
Output process(Input&& input, const Ownership& ownership) {
    Output output{.planned = input.planned, .item = std::move(input.item), .is_copy = !input.message};
    if (output.is_copy) return output;
    thread_local store::MessageWriter writer;
    const store::Message& message = *input.message;
    try {
        // A file that was unpacked is in its place; it is read only.
        writer.begin(input.from == input.to ? fs::path() : input.to, message.prefix, ownership);
        output.failure = read_source(input.from, [&](std::span<const std::byte> piece) { writer.write(piece); });
        if (output.failure) {
            writer.abandon();
            return output;
        }
        output.item.file = writer.finish(store::MessageWriter::Sync::later);
    } catch (...) {
        writer.abandon();
        throw;
    }
    output.written = true;
    const auto& file = output.item.file;
    output.size_bytes = file.size_bytes + static_cast<std::int64_t>(message.prefix.size());
    if (output.size_bytes != message.size_bytes)
        output.failure = fmt::format("message file has {} bytes instead of {}", file.size_bytes,
                                     message.size_bytes - static_cast<std::int64_t>(message.prefix.size()));
    else if (file.sha256 != message.file_sha256)
        output.failure = "message file has other contents than were recorded: the SHA-256 differs";
    return output;
}

class Restoring {
public:
    Restoring(Source& source, SnapshotAccount& from, store::Account& into, const MessagesOptions& options,
              Observer& observer)
        : source_(source),
          from_(from),
          into_(into),
          options_(options),
          observer_(observer),
          bulk_(into, "restore") {}

    MessagesTotals run(Choice choice) {
        totals_.present = choice.present;
        observer_.expect(choice.messages.size());
        give_ids(choice);
        if (!source_.has_message_files()) unpack(choice);
        {
            OrderedPipeline<Input, Output> pipeline(
                options_.jobs, most_under_way,
                [this](Input&& input) { return process(std::move(input), into_.ownership()); },
                [this](Output&& output) { take(std::move(output)); });
            for (const auto& planned : choice.messages) {
                check_interrupt();
                pipeline.submit(input_for(choice, planned));
            }
            pipeline.finish();
        }
        observer_.step("waiting for the disk");
        totals_.created_mailboxes = bulk_.commit(targets(choice)).created_mailboxes;
        return totals_;
    }

private:
    // The first placement of a message makes it; further ones share its id.
    void give_ids(Choice& choice) {
        std::vector<std::int64_t> ids;
        for (const auto& planned : choice.messages) ids.push_back(number(planned.id));
        std::ranges::sort(ids);
        for (std::size_t i = 1; i < ids.size(); ++i)
            if (ids[i] == ids[i - 1]) shared_.try_emplace(ids[i]);
        for (auto& planned : choice.messages) {
            const auto shared = shared_.find(number(planned.id));
            if (shared != shared_.end() && shared->second.new_id != store::MessageId{}) {
                planned.new_id = shared->second.new_id;
                continue;
            }
            planned.new_id = bulk_.take_id();
            if (shared != shared_.end()) shared->second.new_id = planned.new_id;
        }
    }

    // One pass over an archive: each file goes straight to its place.
    void unpack(const Choice& choice) {
        std::vector<std::pair<std::int64_t, store::MessageId>> places;
        for (const auto& planned : choice.messages) places.emplace_back(number(planned.id), planned.new_id);
        std::ranges::sort(places);
        places.erase(std::unique(places.begin(), places.end()), places.end());
        const auto find = [&](std::string_view path) {
            const auto place = message_place(path);
            if (!place || place->account != from_.name()) return places.end();
            const auto found = std::ranges::lower_bound(places, place->id, {}, [](const auto& p) { return p.first; });
            return found != places.end() && found->first == place->id ? found : places.end();
        };
        std::size_t left = places.size();
        source_.read_messages([&](std::string_view path) { return find(path) != places.end(); },
                              [&](const PassingFile& file) {
                                  check_interrupt();
                                  const fs::path target = into_.message_file(find(file.path)->second);
                                  const UniqueFd fd = create_file(target, into_.ownership());
                                  file.read([&](auto piece) { write_all(fd.get(), piece, target); });
                                  return --left > 0;
                              });
    }

    Input input_for(const Choice& choice, const Planned& planned) {
        const auto placement = demanded(
            store::find_placement(from_.database(), choice.mailboxes[planned.mailbox].id, planned.uid), planned.id);
        Input input{.planned = planned};
        input.item.id = planned.new_id;
        input.item.mailbox = options_.into_mailbox.empty() ? planned.mailbox : 0;
        input.item.flags = placement.flags;
        input.item.keywords = placement.keywords;
        input.item.origin = origin_of(placement, choice.mailboxes[planned.mailbox]);
        const auto shared = shared_.find(number(planned.id));
        if (shared != shared_.end() && std::exchange(shared->second.submitted, true)) return input;
        input.message = demanded(store::find_message(from_.database(), planned.id), planned.id);
        input.message->structure.reset();
        input.item.prefix = input.message->prefix;
        input.item.received = input.message->received;
        input.item.delivery = store::find_delivery(from_.database(), planned.id);
        input.to = into_.message_file(planned.new_id);
        input.from = source_.has_message_files() ? source_.data() / from_.message_path(planned.id) : input.to;
        return input;
    }

    // A reject that comes into another mailbox than it was in is none any more (docs/data-directory.md, "Rejects").
    store::BulkInsert::Origin origin_of(const store::Placement& placement, const store::Mailbox& mailbox) {
        const bool moves = !options_.into_mailbox.empty() && options_.into_mailbox != mailbox.name;
        store::BulkInsert::Origin origin{.save_date = placement.save_date,
                                         .is_reject = placement.is_reject,
                                         .is_forward = placement.is_forward,
                                         .muted = placement.muted,
                                         .collapsed = placement.collapsed};
        if (number(placement.mailbox_destined) == 0) return origin;
        const auto name =
            from_.database().value<std::string>("SELECT name FROM mailbox WHERE id = ?", placement.mailbox_destined);
        if (const auto destined = name ? store::find_mailbox(into_.database(), *name) : std::nullopt)
            origin.mailbox_destined = destined->id;
        origin.is_reject = origin.is_reject && !moves;
        return origin;
    }

    // In the order of the choice, on one thread.
    void take(Output&& output) {
        const auto shared = shared_.find(number(output.planned.id));
        if (output.is_copy) {
            if (shared->second.size_bytes < 0) return;  // its message failed
            bulk_.add_copy({.id = output.item.id,
                            .mailbox = output.item.mailbox,
                            .size_bytes = shared->second.size_bytes,
                            .flags = output.item.flags,
                            .keywords = std::move(output.item.keywords),
                            .origin = output.item.origin});
            count(shared->second.size_bytes);
            return;
        }
        if (output.failure) {
            observer_.problem({.path = from_.message_path(output.planned.id), .detail = *output.failure});
            if (!options_.damaged || !output.written) {
                bulk_.skip(output.item.id);
                ++totals_.failed;
                return;
            }
            ++totals_.damaged;
        }
        bulk_.add(output.item);
        if (shared != shared_.end()) shared->second.size_bytes = output.size_bytes;
        count(output.size_bytes);
    }
    void count(std::int64_t size_bytes) {
        ++totals_.messages;
        totals_.size_bytes += size_bytes;
        observer_.stored(1, static_cast<std::uint64_t>(size_bytes));
    }

    std::vector<store::BulkInsert::Target> targets(const Choice& choice) {
        if (!options_.into_mailbox.empty()) return {{.mailbox = options_.into_mailbox}};
        const auto subscribed = store::list_subscriptions(from_.database());
        std::vector<store::BulkInsert::Target> targets;
        for (const auto& mailbox : choice.mailboxes)
            targets.push_back({.mailbox = mailbox.name,
                               .special_use = mailbox.special_use,
                               .subscribe = std::ranges::binary_search(subscribed, mailbox.name)
                                                ? store::Subscribe::yes
                                                : store::Subscribe::no});
        return targets;
    }

    struct Shared {
        store::MessageId new_id{};
        bool submitted = false;
        std::int64_t size_bytes = -1;  // of prefix and file, once it is added
    };

    Source& source_;
    SnapshotAccount& from_;
    store::Account& into_;
    const MessagesOptions& options_;
    Observer& observer_;
    store::BulkInsert bulk_;
    MessagesTotals totals_;
    std::unordered_map<std::int64_t, Shared> shared_;  // messages of several placements, by their old id
};

// Mailboxes that get nothing are made only when whole mailboxes are restored.
void drop_empty_mailboxes(Choice& choice) {
    std::vector<std::uint32_t> new_index(choice.mailboxes.size(), 0);
    std::vector<bool> used(choice.mailboxes.size(), false);
    for (const auto& planned : choice.messages) used[planned.mailbox] = true;
    std::vector<store::Mailbox> kept;
    for (std::size_t i = 0; i < used.size(); ++i) {
        new_index[i] = static_cast<std::uint32_t>(kept.size());
        if (used[i]) kept.push_back(std::move(choice.mailboxes[i]));
    }
    for (auto& planned : choice.messages) planned.mailbox = new_index[planned.mailbox];
    choice.mailboxes = std::move(kept);
}

}  // namespace

MessagesTotals restore_messages(Source& source, SnapshotAccount& from, store::Account& into,
                                const MessagesOptions& options, Observer& observer) {
    observer.step("choosing messages");
    Choice choice = choose(from, &into, options);
    if (!options.selection.takes_all()) drop_empty_mailboxes(choice);
    if (choice.messages.empty() && (choice.mailboxes.empty() || !options.into_mailbox.empty()))
        return {.present = choice.present};
    observer.step("restoring messages");
    return Restoring(source, from, into, options, observer).run(std::move(choice));
}

MessagesTotals plan_messages(SnapshotAccount& from, store::Account* into, const MessagesOptions& options) {
    const Choice choice = choose(from, into, options);
    return {.messages = static_cast<std::int64_t>(choice.messages.size()),
            .size_bytes = choice.size_bytes,
            .present = choice.present};
}

}  // namespace mox::snapshot
