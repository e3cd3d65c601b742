#include "tools/gentestdata/filler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "base/random.hpp"
#include "mime/date.hpp"
#include "store/bulk.hpp"

namespace mox::gentestdata {

namespace {

constexpr std::array<std::string_view, 48> words{
    "apple",    "bridge",   "candle",   "door",     "engine",  "forest",  "garden",  "harbour",  "island",  "jacket",
    "kitchen",  "lantern",  "market",   "needle",   "orchard", "paper",   "quarry",  "river",    "station", "table",
    "umbrella", "village",  "window",   "yellow",   "answer",  "because", "carry",   "deliver",  "every",   "follow",
    "gather",   "however",  "invite",   "journey",  "know",    "listen",  "meeting", "notice",   "open",    "please",
    "question", "remember", "schedule", "tomorrow", "until",   "visit",   "weather", "yesterday"};
constexpr std::array<std::string_view, 12> people{"ann",   "ben",   "carol", "dan",  "eve",     "frank",
                                                  "grace", "heidi", "ivan",  "judy", "mallory", "oscar"};
constexpr std::array<std::string_view, 4> mailboxes{"Inbox", "Archive", "Lists/Announcements", "Projects"};
constexpr std::int64_t first_date = 1'500'000'000;

std::string_view pick(Random& random, std::span<const std::string_view> from) {
    return from[random.below(from.size())];
}

std::string paragraph(Random& random, std::size_t size) {
    std::string text;
    std::size_t line = 0;
    while (text.size() < size) {
        const auto word = pick(random, words);
        if (line + word.size() > 72) {
            text += "\r\n";
            line = 0;
        } else if (line > 0) {
            text += ' ';
            ++line;
        }
        text += word;
        line += word.size();
    }
    return text + ".\r\n";
}

std::string base64_lines(Random& random, std::size_t size) {
    std::string bytes(size, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    const std::string encoded = to_base64(as_bytes(bytes));
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += 76) lines += encoded.substr(at, 76) + "\r\n";
    return lines;
}

std::string message_id(std::uint64_t seed, std::int64_t number) {
    return fmt::format("<m{}.{}@made-up.example>", number, seed);
}

// Body and its Content-Type: mostly plain text, sometimes an alternative or an attachment.
std::string with_body(std::string header, Random& random) {
    const auto kind = random.below(10);
    const auto size = static_cast<std::size_t>(400.0 * std::exp2(static_cast<double>(random.below(60)) / 10.0));
    if (kind < 6) return header + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + paragraph(random, size);
    const std::string boundary = "b" + std::to_string(random.below(1'000'000'000));
    const bool attachment = kind == 9;
    header += fmt::format("Content-Type: multipart/{}; boundary=\"{}\"\r\n\r\n", attachment ? "mixed" : "alternative",
                          boundary);
    header += "--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + paragraph(random, size / 2);
    header += "--" + boundary + "\r\n";
    if (attachment)
        header +=
            "Content-Type: application/octet-stream; name=\"data.bin\"\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=\"data.bin\"\r\n\r\n" +
            base64_lines(random, size);
    else
        header += "Content-Type: text/html; charset=utf-8\r\n\r\n<p>" + paragraph(random, size / 2) + "</p>\r\n";
    return header + "--" + boundary + "--\r\n";
}

struct Task {
    std::int64_t number = 0;
    store::MessageId id{};
    std::filesystem::path file;
};
struct Made {
    std::int64_t number = 0;
    store::MessageId id{};
    store::WrittenFile file;
};

model::Flags flags_of(std::int64_t number) {
    model::Flags flags;
    if (number % 4 != 0) flags = flags.with(model::Flag::seen);
    if (number % 7 == 0) flags = flags.with(model::Flag::answered);
    if (number % 31 == 0) flags = flags.with(model::Flag::flagged);
    return flags;
}

void fill_account(store::Account& account, std::uint64_t seed, std::int64_t messages, unsigned jobs,
                  cli::Progress& progress) {
    store::BulkInsert bulk(account, "gentestdata");
    const Ownership ownership = account.ownership();
    {
        OrderedPipeline<Task, Made> pipeline(
            jobs, 1000,
            [&](Task&& task) {
                thread_local store::MessageWriter writer;
                writer.begin(task.file, {}, ownership);
                writer.write(as_bytes(made_up_message(seed, task.number)));
                return Made{task.number, task.id, writer.finish(store::MessageWriter::Sync::later)};
            },
            [&](Made&& made) {
                progress.add(1, static_cast<std::uint64_t>(made.file.size_bytes));
                model::Keywords keywords;
                if (made.number % 13 == 0) keywords = {"work"};
                bulk.add({.id = made.id,
                          .file = std::move(made.file),
                          .mailbox = static_cast<std::size_t>(made.number) % mailboxes.size(),
                          .received = {.seconds = first_date + made.number * 600},
                          .flags = flags_of(made.number),
                          .keywords = std::move(keywords)});
            });
        for (std::int64_t number = 0; number < messages; ++number) {
            check_interrupt();
            const auto id = bulk.take_id();
            pipeline.submit({number, id, account.message_file(id)});
        }
        pipeline.finish();
    }
    std::vector<store::BulkInsert::Target> targets;
    for (const auto name : mailboxes) targets.push_back({std::string(name)});
    (void)bulk.commit(targets);
}

}  // namespace

std::string made_up_message(std::uint64_t seed, std::int64_t number) {
    SeededRandom random(seed * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(number));
    const auto sender = pick(random, people);
    const std::int64_t root = number - number % 5;  // conversations of five
    std::string header = fmt::format(
        "Received: from {0}.example by mx.example; {1}\r\nFrom: {0} <{0}@{0}.example>\r\nTo: test@mox.example\r\n",
        sender, mime::format_date({.seconds = first_date + number * 600}));
    SeededRandom subject_random(seed + static_cast<std::uint64_t>(root));
    header += fmt::format("Subject: {}{} {} {}\r\nDate: {}\r\nMessage-ID: {}\r\n",
                          root == number ? "" : "Re: ", pick(subject_random, words), pick(subject_random, words),
                          pick(subject_random, words), mime::format_date({.seconds = first_date + number * 600}),
                          message_id(seed, number));
    if (root != number) header += fmt::format("In-Reply-To: {0}\r\nReferences: {0}\r\n", message_id(seed, root));
    return with_body(header + "MIME-Version: 1.0\r\n", random);
}

void fill_accounts(const datadir::Layout& layout, const Clock& clock, std::uint64_t seed, std::int64_t accounts,
                   std::int64_t messages, unsigned jobs, cli::Progress& progress) {
    for (std::int64_t i = 0; i < accounts; ++i) {
        auto account = store::Account::create(layout, "account" + std::to_string(i), store::default_initial_mailboxes(),
                                              {.clock = &clock});
        if (messages > 0) fill_account(account, seed + static_cast<std::uint64_t>(i), messages, jobs, progress);
        account.close();
    }
}

}  // namespace mox::gentestdata
