#include "queue/queue.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "base/encoding.hpp"
#include "queue/schema.hpp"
#include "support/database_checks.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::queue;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t now = 1'700'000'000;

NewMessage message_to(const std::string& localpart, const std::string& domain = "remote.example") {
    NewMessage message;
    message.envelope.queued = {.seconds = now, .nanoseconds = 123};
    message.envelope.sender_account = "mjl";
    message.envelope.sender = {"mjl", "mox.example"};
    message.envelope.recipient = {localpart, domain};
    message.pending.prefix = "Received: x\r\n";
    message.pending.next_attempt = now;
    return message;
}

struct Fixture {
    test::TempDir dir;
    datadir::Layout layout = datadir::create(dir / "data");
    FixedClock clock{now};

    [[nodiscard]] Queue open(db::Access access = db::Access::create) const {
        return Queue(layout, {.access = access}, clock);
    }
    // Message files below queue/ and everything in tmp/, sorted.
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> found;
        for (const auto& root : {layout.queue(), layout.tmp()})
            for (const auto& entry : fs::recursive_directory_iterator(root))
                if (entry.is_regular_file() && entry.path().filename().native().find("index.db") == std::string::npos)
                    found.push_back(layout.relative(entry.path()));
        std::sort(found.begin(), found.end());
        return found;
    }
};

using Files = std::vector<std::string>;
using Ids = std::vector<MessageId>;

int blocks(Queue& queue) {
    return queue.database().value<int>("SELECT count(*) FROM id_block").value_or(-1);
}

}  // namespace

TEST_CASE("a queued message comes back with every field", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    NewMessage message = message_to("jösé", "bücher.example");
    message.envelope.from_id = "abc";
    message.envelope.max_attempts = 3;
    message.envelope.has_8bit = message.envelope.smtputf8 = message.envelope.is_tls_report = true;
    message.envelope.message_id = "<1@x>";
    message.envelope.subject = "hello";
    message.envelope.transport = "smart";
    message.envelope.require_tls = RequireTls::no;
    message.envelope.future_release_request = "for;60";
    message.envelope.extra = {{"a", "1"}, {"b", ""}};
    message.pending.dsn_utf8 = std::string("x\0y", 3);
    message.pending.hold = true;
    message.attempts = 2;
    message.last_attempt = Timestamp{.seconds = now + 5, .nanoseconds = 7};
    message.history = {{.started = {.seconds = now + 5, .nanoseconds = 7},
                        .duration = std::chrono::nanoseconds(42),
                        .code = 451,
                        .secode = "7.1",
                        .error = "later"}};
    message.dialed_ips = {{"mx.example", {"192.0.2.2", "192.0.2.1", "192.0.2.2"}}};
    const auto ids = queue.add(std::span(&message, 1), "Subject: hello\r\n\r\nbody\r\n");
    REQUIRE(ids.size() == 1);
    CHECK(test::problems_of(queue.database()).empty());

    const auto found = queue.get(ids[0]);
    REQUIRE(found);
    CHECK(message_problem(*found).empty());
    CHECK(found->envelope.base_id == 0);
    CHECK(found->envelope.queued.nanoseconds == 123);
    CHECK(found->envelope.recipient == message.envelope.recipient);
    CHECK(found->envelope.sender == message.envelope.sender);
    CHECK(found->envelope.from_id == "abc");
    CHECK(found->envelope.max_attempts == 3);
    CHECK((found->envelope.has_8bit && found->envelope.smtputf8 && found->envelope.is_tls_report));
    CHECK_FALSE(found->envelope.is_dmarc_report);
    CHECK(found->envelope.require_tls == RequireTls::no);
    CHECK(found->envelope.future_release_request == "for;60");
    CHECK(found->envelope.extra == message.envelope.extra);
    CHECK(found->pending->dsn_utf8 == message.pending.dsn_utf8);
    CHECK(found->pending->hold);
    CHECK(found->pending->file_sha256 == sha256(as_bytes("Subject: hello\r\n\r\nbody\r\n")));
    CHECK(found->size == 13 + 24);
    CHECK(found->dialed_ips == message.dialed_ips);
    CHECK(found->last_attempt == message.last_attempt);
    REQUIRE(found->history.size() == 1);
    CHECK(found->history[0].error == "later");
    CHECK(found->history[0].duration.count() == 42);
    CHECK(queue.read_contents(ids[0]) == "Received: x\r\nSubject: hello\r\n\r\nbody\r\n");
    CHECK_FALSE(queue.get(99));
}

TEST_CASE("recipients of one submission have a file each and the id of the first", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    const std::vector messages{message_to("a"), message_to("b"), message_to("c")};
    const auto source = f.dir.write("source.eml", "x\r\n");
    CHECK(queue.add_file(messages, source) == Ids{1, 2, 3});
    CHECK(f.files() == Files{"queue/a/1", "queue/a/2", "queue/a/3"});
    CHECK(status_of(source)->st_nlink == 1);
    CHECK(queue.get(3)->envelope.base_id == 1);
    CHECK(queue.get(1)->envelope.base_id == 1);
    queue.remove(2);
    queue.erase_files();
    CHECK(f.files() == Files{"queue/a/1", "queue/a/3"});
    CHECK(queue.read_contents(3) == "Received: x\r\nx\r\n");
    CHECK(queue.list_ids({.base_id = 1}) == Ids{1, 3});
}

TEST_CASE("what cannot be queued leaves nothing", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    const std::vector good{message_to("a")};
    const std::vector bad{message_to("a"), message_to("")};
    CHECK(test::error_of([&] { queue.add({}, "x"); }) == Errc::usage);
    CHECK(test::error_of([&] { queue.add(bad, "x"); }) == Errc::usage);
    CHECK(test::error_of([&] { queue.add_file(good, f.dir / "missing"); }) == Errc::not_found);
    CHECK(test::error_of([&] { queue.add_file(good, f.dir.path()); }) == Errc::failed);
    CHECK(f.files().empty());
    CHECK(queue.count(State::any) == 0);
}

TEST_CASE("a stranger's file in the way stops a submission and is left alone", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    const std::vector one{message_to("a")};
    const std::vector two{message_to("a"), message_to("b")};
    CHECK(queue.add(one, "first") == Ids{1});
    f.dir.write("data/queue/a/3", "stranger");
    CHECK(test::error_of([&] { queue.add(two, "x"); }) == Errc::failed);
    CHECK(f.files() == Files{"queue/a/1", "queue/a/3"});
    CHECK(read_file(f.layout.queue() / "a/3") == "stranger");
    CHECK(queue.count(State::any) == 1);
    CHECK(queue.add(two, "x") == Ids{4, 5});  // ids are never used again
}

TEST_CASE("ids are reserved behind a stranger's file, which clean-up would take for ours", "[queue]") {
    const Fixture f;
    fs::create_directories(f.layout.queue() / "a");
    f.dir.write("data/queue/a/2", "stranger");
    const std::vector one{message_to("a")};
    {
        Queue crashed = f.open();
        CHECK(crashed.add(one, "x") == Ids{3});
        f.dir.write("data/queue/a/4", "placed, its row was never committed");
    }
    const Queue next = f.open(db::Access::read_write);
    CHECK(f.files() == Files{"queue/a/2", "queue/a/3"});
}

TEST_CASE("what a killed submission left in tmp/ is removed by the next opener, and only then", "[queue]") {
    const Fixture f;
    std::string left;
    {
        const auto owner = datadir::Reservation::take(f.layout);
        left = "tmp/scratch-" + owner.token() + "-queue-1";
        f.dir.write("data/" + left, "half a message");
        { const Queue beside = f.open(); }
        CHECK(f.files() == Files{left});
    }
    const Queue next = f.open();
    CHECK(f.files().empty());
}

TEST_CASE("ids are never used twice, whatever was removed", "[queue]") {
    const Fixture f;
    const std::vector one{message_to("a")};
    MessageId last = 0;
    for (int i = 0; i < 3; ++i) {
        Queue queue = f.open();
        const auto id = queue.add(one, "x").front();
        CHECK(id > last);
        last = id;
        CHECK(queue.remove(id));
        if (i > 0) queue.close();
    }
    Queue queue = f.open();
    CHECK(blocks(queue) == 0);
    CHECK(f.files().empty());
}

TEST_CASE("files that a crash left are removed by the next opener, and only then", "[queue]") {
    const Fixture f;
    const std::vector one{message_to("a")};
    {
        Queue crashed = f.open();
        crashed.add(one, "x");
        f.dir.write("data/queue/a/2", "placed, its row was never committed");
        Queue beside = f.open();  // the ids are in use: nothing is touched
        CHECK(f.files() == Files{"queue/a/1", "queue/a/2"});
        CHECK(blocks(beside) == 1);
        { Queue reader = f.open(db::Access::read_only); }
        CHECK(f.files().size() == 2);
    }
    Queue next = f.open(db::Access::read_write);
    CHECK(f.files() == Files{"queue/a/1"});
    CHECK(blocks(next) == 0);
    CHECK(test::problems_of(next.database()).empty());
}

TEST_CASE("a removed message's file is named by a row until it is gone", "[queue]") {
    const Fixture f;
    const std::vector two{message_to("a"), message_to("b")};
    {
        Queue queue = f.open();
        queue.add(two, "x");
        const auto backup = datadir::hold_erasure(f.layout, std::chrono::milliseconds(100));
        CHECK(queue.remove(1));
        CHECK_FALSE(queue.remove(1));
        CHECK(queue.erase_files().left == 1);
        CHECK(f.files() == Files{"queue/a/1", "queue/a/2"});
        CHECK(test::problems_of(queue.database()).empty());
    }
    Queue queue = f.open();  // as after a crash: opening erases
    CHECK(f.files() == Files{"queue/a/2"});
    CHECK(queue.database().value<int>("SELECT count(*) FROM erase_queue") == 0);
    fs::remove(f.layout.queue_message(2));
    CHECK(test::error_of([&] { (void)queue.read_contents(2); }) == Errc::corrupt);
    CHECK(queue.remove(2));
    CHECK(queue.erase_files().missing == 1);
}

TEST_CASE("a file of another size than recorded is not given out", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    const std::vector one{message_to("a")};
    queue.add(one, "x");
    std::ofstream(f.layout.queue_message(1), std::ios::app) << "y";
    CHECK(test::error_of([&] { (void)queue.read_contents(1); }) == Errc::corrupt);
    CHECK(test::error_of([&] { (void)queue.read_contents(5); }) == Errc::not_found);
}

TEST_CASE("a retired message keeps its history and loses its file", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    const std::vector one{message_to("a")};
    queue.add(one, "x");
    queue.record_attempt(1, {.started = {.seconds = now + 1}, .code = 451, .error = "later"}, now + 450);
    queue.record_attempt(1, {.started = {.seconds = now + 450}, .success = true, .code = 250}, now + 900);
    CHECK(message_problem(*queue.get(1)).empty());
    CHECK(queue.get(1)->pending->next_attempt == now + 900);
    const Retired retired{.recipient_address = "a@remote.example",
                          .success = true,
                          .last_activity = {.seconds = now + 451, .nanoseconds = 5},
                          .keep_until = now + 100'000};
    CHECK(queue.retire(1, retired));
    CHECK_FALSE(queue.retire(1, retired));
    CHECK_FALSE(queue.hold(1));
    CHECK(test::error_of([&] { queue.record_attempt(1, {}, now); }) == Errc::not_found);
    CHECK(queue.erase_files().erased == 1);
    CHECK(f.files().empty());
    const auto found = queue.get(1);
    REQUIRE(found);
    CHECK(message_problem(*found).empty());
    CHECK(found->attempts == 2);
    CHECK(found->history.size() == 2);
    CHECK_FALSE(found->pending);
    CHECK(found->retired->last_activity.nanoseconds == 5);
    CHECK(test::problems_of(queue.database()).empty());
    CHECK(queue.list_ids({.state = State::retired, .expired_by = now + 99'999}).empty());
    CHECK(queue.list_ids({.state = State::retired, .expired_by = now + 100'000}) == Ids{1});
    CHECK(queue.remove(1));
    CHECK(queue.database().value<int>("SELECT count(*) FROM attempt") == 0);
}

TEST_CASE("a list has what meets every condition", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    for (int i = 0; i < 4; ++i) {
        NewMessage message = message_to("r" + std::to_string(i), i % 2 == 0 ? "even.example" : "odd.example");
        message.envelope.sender_account = i == 3 ? "other" : "mjl";
        message.envelope.queued.seconds = now + i;
        message.pending.next_attempt = now + 100 * i;
        message.envelope.transport = i == 1 ? "smart" : "";
        queue.add(std::span(&message, 1), "x");
    }
    CHECK(queue.hold(2));
    CHECK(queue.retire(4, {.recipient_address = "r3@odd.example", .keep_until = now}));
    CHECK(queue.count(State::any) == 4);
    CHECK(queue.count(State::pending) == 3);
    CHECK(queue.count(State::retired) == 1);
    CHECK(queue.list_ids({}) == Ids{1, 2, 3});
    CHECK(queue.list_ids({.state = State::any}) == Ids{1, 2, 3, 4});
    CHECK(queue.list_ids({.state = State::any, .account = "other"}) == Ids{4});
    CHECK(queue.list_ids({.ids = {3, 1, 77}}) == Ids{1, 3});
    CHECK(queue.list_ids({.recipient_domain = "even.example"}) == Ids{1, 3});
    CHECK(queue.list_ids({.recipient = "r1@odd.example"}) == Ids{2});
    CHECK(queue.list_ids({.transport = ""}) == Ids{1, 3});
    CHECK(queue.list_ids({.hold = true}) == Ids{2});
    CHECK(queue.list_ids({.due_by = now + 150}) == Ids{1});
    CHECK(queue.list_ids({.queued_since = now + 1, .queued_until = now + 2}) == Ids{2});
    CHECK(queue.list_ids({.after = 1, .limit = 1}) == Ids{2});
    CHECK(queue.list_ids({.from_id = ""}).empty());
    CHECK(queue.release(2));
    CHECK(queue.set_next_attempt(2, now));
    CHECK(queue.list_ids({.due_by = now}) == Ids{1, 2});
    CHECK(queue.list({.limit = 2}).size() == 2);
}

TEST_CASE("the queue's schema opens twice, seals every row and refuses a newer version", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    CHECK(test::tables_without_seal(queue.database()).empty());
    CHECK(test::schema_trouble(f.dir / "other.db", queue_schema()).empty());
    CHECK(db::application_id(queue.database()) == 0x6d6f7851);
}

TEST_CASE("every table of the queue takes a row whose seal holds", "[queue]") {
    const Fixture f;
    Queue queue = f.open();
    queue.database().exec(
        "INSERT INTO hold_rule (account, sender_domain, recipient_domain) VALUES ('mjl', '', 'x.example');"
        "INSERT INTO hook (queue_message_id, from_id, message_id, subject, account, url, is_incoming, outgoing_event,"
        " payload, submitted, submitted_nanoseconds, attempts) VALUES (0, '', '', '', 'mjl', 'http://x', 1, '', '{}', "
        "1, 2, 1);"
        "INSERT INTO hook_pending VALUES (1, 'Basic x', 5);"
        "INSERT INTO hook_retired VALUES (1, 'mjl', 1, 0, 1, 2, 3, 4);"
        "INSERT INTO hook_attempt VALUES (1, 1, 2, 3, 4, 'http://x', 0, 500, 'no', 'body');"
        "INSERT INTO hook_extra VALUES (1, 'a', 'b');"
        "INSERT INTO suppression (created, account, base_address, original_address, manual, reason)"
        " VALUES (1, 'mjl', 'a@x.example', 'a+b@x.example', 0, 'bounced')");
    CHECK(test::problems_of(queue.database()).empty());
    queue.database().exec("DELETE FROM hook");
    CHECK(queue.database().value<int>("SELECT count(*) FROM hook_extra") == 0);
}

TEST_CASE("a full disk stops a submission with nothing left behind", "[queue]") {
    const test::TempDir dir;
    const fs::path mounted = dir / "small";
    fs::create_directory(mounted);
    if (::geteuid() != 0 || ::mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=2m") != 0) {
        WARN("skipped: cannot mount a small file system");
        return;
    }
    struct Unmount {
        fs::path path;
        ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
    } unmount{mounted};
    const datadir::Layout layout = datadir::create(mounted / "data");
    const FixedClock clock(now);
    Queue queue(layout, {.access = db::Access::create}, clock);
    const std::vector one{message_to("a")};
    const std::string contents(100'000, 'x');
    const auto error = test::error_of([&] {
        for (int i = 0; i < 1000; ++i) queue.add(one, contents);
    });
    CHECK(error == Errc::no_space);
    const auto count = queue.count(State::any);
    CHECK(count > 0);
    std::int64_t files = 0;
    for_each_entry(layout.queue() / "a", [&](const DirectoryEntry&) { ++files; });
    CHECK(files == count);
    CHECK(list_directory(layout.tmp()).empty());
    CHECK(test::problems_of(queue.database()).empty());
    // Filled to the last byte, so that the commit is what fails.
    {
        std::ofstream filler(mounted / "filler", std::ios::binary);
        while (filler << 'x' && filler.flush()) {
        }
    }
    CHECK(test::error_of([&] {
              for (int i = 0; i < 10'000; ++i) queue.add(one, "");
          }) == Errc::no_space);
    files = 0;
    for_each_entry(layout.queue() / "a", [&](const DirectoryEntry&) { ++files; });
    CHECK(files == queue.count(State::any));
}
