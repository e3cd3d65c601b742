#include "server/ctl/protocol.hpp"

#include <catch2/catch.hpp>

#include "server/ctl/session.hpp"
#include "support/session_driver.hpp"

using namespace mox;

namespace {

using Words = std::vector<std::string>;

std::optional<ctl::Request> read(std::string_view bytes, std::size_t piece) {
    ctl::RequestReader reader;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        if (auto request = reader.feed(bytes.substr(0, piece))) return request;
    return std::nullopt;
}

int echo(ctl::Context&, const Words& arguments, ctl::Output& output) {
    for (const auto& word : arguments) output.line(word);
    output.warning("careful", "look twice");
    return 3;
}
int fail(ctl::Context&, const Words&, ctl::Output& output) {
    output.line("before");
    throw Error(Errc::not_found, "no account 'x'", "there is 'y'");
}
constexpr std::array test_commands{ctl::Command{"echo", 0, 9, echo}, ctl::Command{"fail", 0, 0, fail}};

struct Fixture {
    log::StringSink sink;
    log::Levels levels;
    SystemClock clock;
    log::Log shared{sink, levels, clock};
    ctl::Commands commands;
    bool stopped = false;
    ctl::Context context{.layout = datadir::Layout("/nowhere"),
                         .config_file = "/nowhere/mox.conf",
                         .levels = levels,
                         .stop = [this] { stopped = true; },
                         .reload_domains = [] {}};
    ctl::Environment environment{commands, context, {0, 1000}};

    Fixture() {
        commands.add(ctl::own_commands());
        commands.add(test_commands);
    }
    std::vector<ctl::Frame> answer(const std::string& bytes, std::size_t piece = 100'000, uid_t user = 1000) {
        net::Peer peer;
        peer.user = user;
        ctl::Session session(environment, peer, log::Logger(shared, "ctl"));
        test::SessionDriver driver(session);
        std::string out = driver.start();
        out += driver.feed_in_pieces(bytes, piece);
        ctl::FrameReader reader;
        reader.feed(out);
        std::vector<ctl::Frame> frames;
        while (auto frame = reader.next()) frames.push_back(*frame);
        if (driver.next() == net::Next::close) frames.push_back({ctl::FrameKind::line, "(closed)"});
        return frames;
    }
};

}  // namespace

TEST_CASE("requests arrive as they were sent, in pieces of any size", "[ctl]") {
    const auto words = GENERATE(values<Words>({{}, {""}, {"one"}, {"a b", "", "\xff\n\"", std::string(70'000, 'x')}}));
    const auto piece = GENERATE(1U, 2U, 7U, 100'000U);
    const auto request = read(ctl::encode(ctl::Request{"command", words}), piece);
    REQUIRE(request);
    CHECK(request->command == "command");
    CHECK(request->arguments == words);
}

TEST_CASE("what is no request is refused, as early as it can be told", "[ctl]") {
    const auto bytes = GENERATE(values<std::string>({
        "GET / HTTP/1.1\r\n",
        "stop\n",
        std::string(1, '\0'),
        "mox-ctl 1 x\n",
        "mox-ctl 1 -1\n",
        "mox-ctl 1 \n",
        "mox-ctl 1 0\n",
        "mox-ctl 1 1048577\n",
        "mox-ctl 1 99999999999999999999\n",
        "mox-ctl 1 4\nstop",
        "mox-ctl 1 2\nstop",
        "mox-ctl 2 5\nstop" + std::string(1, '\0'),
        "mox-ctl 1 " + std::string(100, '1'),
    }));
    const auto piece = GENERATE(1U, 7U, 100'000U);
    INFO(bytes);
    CHECK_THROWS_AS(read(bytes, piece), Error);
}

TEST_CASE("a request without an end keeps little memory and is refused at its limit", "[ctl]") {
    ctl::RequestReader reader;
    CHECK_FALSE(reader.feed("mox-ctl 1 1048576\n"));
    const std::string much(100'000, 'x');
    int fed = 0;
    const auto feed_all = [&] {
        for (; fed < 10'000; ++fed) (void)reader.feed(much);
    };
    CHECK_THROWS_AS(feed_all(), Error);
    CHECK(fed < 12);
}

TEST_CASE("answers are lines, warnings, and an exit code or an error", "[ctl]") {
    Fixture f;
    const auto piece = GENERATE(1U, 3U, 100'000U);
    auto frames = f.answer(ctl::encode(ctl::Request{"echo", {"one", "two\nlines"}}), piece);
    REQUIRE(frames.size() == 5);
    CHECK(frames[0].payload == "one");
    CHECK(frames[1].payload == "two\nlines");
    CHECK(ctl::decode_warning(frames[2].payload).hint == "look twice");
    CHECK(ctl::decode_exit(frames[3].payload) == 3);
    CHECK(frames[4].payload == "(closed)");

    frames = f.answer(ctl::encode(ctl::Request{"fail", {}}), piece);
    REQUIRE(frames.size() == 3);
    const Error error = ctl::decode_error(frames[1].payload);
    CHECK(error.code() == Errc::not_found);
    CHECK(std::string(error.what()) == "no account 'x'");
    CHECK(error.hint() == "there is 'y'");
}

TEST_CASE("the server's commands check what they are given", "[ctl]") {
    struct Row {
        std::string command;
        Words arguments;
        std::string error;  // empty: none
    };
    const auto row = GENERATE(values<Row>({
        {"stop", {}, ""},
        {"stop", {"now"}, "command 'stop' does not take 1 argument"},
        {"nonsense", {}, "the server knows no command 'nonsense'"},
        {"", {}, "the server knows no command ''"},
        {"loglevels", {}, ""},
        {"loglevels", {"imap"}, "a package without its level"},
        {"loglevels", {"imap", "loud"}, "unknown log level 'loud'"},
        {"loglevels", {"imap", "trace"}, ""},
        {"loglevels", {"imap", ""}, ""},
        {"loglevels", {"(default)", "debug"}, ""},
        {"loglevels", {"a", "b", "c"}, "command 'loglevels' does not take 3 arguments"},
    }));
    Fixture f;
    const auto frames = f.answer(ctl::encode(ctl::Request{row.command, row.arguments}));
    INFO(row.command);
    REQUIRE(frames.size() >= 2);
    const auto& last = frames[frames.size() - 2];
    if (row.error.empty())
        CHECK(ctl::decode_exit(last.payload) == 0);
    else
        CHECK(std::string(ctl::decode_error(last.payload).what()) == row.error);
    CHECK(f.stopped == (row.command == "stop" && row.arguments.empty()));
}

TEST_CASE("log levels are listed and changed", "[ctl]") {
    Fixture f;
    (void)f.answer(ctl::encode(ctl::Request{"loglevels", {"imap", "trace"}}));
    (void)f.answer(ctl::encode(ctl::Request{"loglevels", {"(default)", "error"}}));
    const auto frames = f.answer(ctl::encode(ctl::Request{"loglevels", {}}));
    REQUIRE(frames.size() == 4);
    CHECK(frames[0].payload == "(default): error");
    CHECK(frames[1].payload == "imap: trace");
}

TEST_CASE("only the server's user and root may ask", "[ctl]") {
    Fixture f;
    const std::string stop = ctl::encode(ctl::Request{"stop", {}});
    CHECK(f.answer(stop, 100'000, 1001).front().kind == ctl::FrameKind::error);
    CHECK_FALSE(f.stopped);
    CHECK(f.answer(stop, 100'000, 0).front().kind == ctl::FrameKind::exit);
    CHECK(f.stopped);
}

TEST_CASE("arguments of commands are not logged", "[ctl]") {
    Fixture f;
    f.levels.set_everything(log::Level::trace);
    (void)f.answer(ctl::encode(ctl::Request{"echo", {"secret"}}));
    CHECK(f.sink.text().find("command=echo") != std::string::npos);
    CHECK(f.sink.text().find("secret") == std::string::npos);
}

TEST_CASE("an answer in another protocol is an error that says so", "[ctl]") {
    const auto bytes = GENERATE(values<std::string>(
        {"ctlv0\n", "line\n", "line x\n", "line 99999999999\n", "loud 1\nx", std::string(100, 'x')}));
    ctl::FrameReader reader;
    reader.feed(bytes);
    CHECK_THROWS_AS((void)reader.next(), Error);
}
