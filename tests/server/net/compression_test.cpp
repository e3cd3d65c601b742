#include "server/net/compression.hpp"

#include <catch2/catch.hpp>

#include "base/random.hpp"
#include "server/net/deflating_peer.hpp"
#include "server/net/running_server.hpp"

using namespace mox;
using net::Compression;
using test::Client;
using test::DeflatingPeer;
using test::RunningServer;
using Inflated = Compression::Inflated;

namespace {

// Words of a small language, then bytes that cannot be compressed.
std::string some_text(std::size_t size) {
    SeededRandom random(7);
    std::string text;
    while (text.size() < size) text += "word" + std::to_string(random.below(300)) + " ";
    for (std::size_t i = 0; i < size / 4; ++i) text += static_cast<char>(random.below(256));
    return text;
}

struct Got {
    std::string text;
    Inflated result = Inflated::needs_more;  // the last one
};

// What `bytes` inflate to when they come in pieces of `piece` bytes and are taken by a buffer of `buffer` bytes.
Got inflate(Compression& compression, std::string_view bytes, std::size_t piece, std::size_t buffer) {
    Got got;
    std::string space(buffer, '\0');
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        compression.receive(bytes.substr(0, piece));
        for (;;) {
            const auto input = compression.inflate(space.data(), space.size());
            got.result = input.result;
            if (input.result != Inflated::some) break;
            REQUIRE((0 < input.count && input.count <= buffer));
            got.text.append(space, 0, input.count);
        }
        if (got.result != Inflated::needs_more) return got;
    }
    return got;
}

// What goes out for `text`, taken in pieces of `piece` bytes.
std::string deflate(Compression& compression, std::string_view text, std::size_t piece) {
    std::string out;
    while (!text.empty()) {
        const auto count = compression.deflate(text);
        REQUIRE((0 < count && count <= Compression::piece_bytes));
        text.remove_prefix(count);
        while (!compression.waiting().empty()) {
            const auto some = compression.waiting().substr(0, piece);
            out += some;
            compression.sent(some.size());
        }
    }
    return out;
}

// A client that compresses from the start.
struct CompressedClient {
    explicit CompressedClient(RunningServer& server) : client(server.port()) {
        REQUIRE(client.line() == "hello\n");
        client.send("compress\n");
        REQUIRE(client.line() == "deflate\n");
    }
    void send(std::string_view text) { client.send(peer.deflate(text)); }
    // At least `size` bytes, unless the connection ends before.
    std::string receive(std::size_t size) {
        std::string text;
        std::array<char, 5000> buffer{};
        while (text.size() < size) {
            const auto count = ::recv(client.fd(), buffer.data(), buffer.size(), 0);
            if (count <= 0) break;
            text += peer.inflate({buffer.data(), static_cast<std::size_t>(count)});
        }
        return text;
    }
    Client client;
    DeflatingPeer peer;
};

}  // namespace

TEST_CASE("what a peer deflates is inflated however it arrives and is taken", "[net]") {
    const auto piece = GENERATE(1U, 2U, 7U, 1'000'000U);
    const auto buffer = GENERATE(1U, 2U, 7U, 16'384U);
    Compression compression;
    DeflatingPeer peer;
    const std::string text = some_text(20'000);
    for (const auto part : {std::string_view(text), std::string_view("short"), std::string_view(text).substr(9000)}) {
        const Got got = inflate(compression, peer.deflate(part), piece, buffer);
        CHECK(got.text == part);
        CHECK(got.result == Inflated::needs_more);
    }
}

TEST_CASE("a peer inflates each output to its end, however it was sent", "[net]") {
    const auto piece = GENERATE(1U, 2U, 7U, 1'000'000U);
    Compression compression;
    DeflatingPeer peer;
    const std::string text = some_text(100'000);
    std::size_t sent = 0, all = 0;
    for (const std::size_t size : {1U, 5U, 16'383U, 16'384U, 16'385U, 100'000U}) {
        const std::string out = deflate(compression, std::string_view(text).substr(0, size), piece);
        CHECK(peer.inflate(out) == text.substr(0, size));
        sent += out.size();
        all += size;
    }
    CHECK(peer.ok);
    CHECK(sent < all / 2);
}

TEST_CASE("bytes that inflate to a thousand times as many are inflated only as they are taken", "[net]") {
    Compression compression;
    DeflatingPeer peer;
    const std::string zeros(16U << 20U, '\0');
    const std::string bomb = peer.deflate(zeros);
    REQUIRE(bomb.size() < 17'000);
    compression.receive(bomb);
    std::array<char, 1000> buffer{};
    std::size_t total = 0;
    for (;;) {
        const auto input = compression.inflate(buffer.data(), buffer.size());
        if (input.result != Inflated::some) break;
        CHECK(input.count == std::min(buffer.size(), zeros.size() - total));
        total += input.count;
    }
    CHECK(total == zeros.size());
}

TEST_CASE("the end of a stream and damage are told, after what came before", "[net]") {
    const auto piece = GENERATE(1U, 2U, 7U, 1'000'000U);
    const auto buffer = GENERATE(1U, 3U, 16'384U);
    DeflatingPeer peer;
    const std::string text = some_text(3000);
    Compression ended;
    const Got all = inflate(ended, peer.deflate(text, Z_FINISH) + "behind it", piece, buffer);
    CHECK(all.text == text);
    CHECK(all.result == Inflated::ended);
    CHECK(inflate(ended, "more", piece, buffer).result == Inflated::ended);

    DeflatingPeer other;
    Compression damaged;
    const Got some = inflate(damaged, other.deflate(text) + "\xff\xff\xff", piece, buffer);
    CHECK(some.text == text);
    CHECK(some.result == Inflated::damaged);
    CHECK(damaged.failure() == "invalid block type");
    CHECK(inflate(damaged, "more", piece, buffer).result == Inflated::damaged);
}

TEST_CASE("any damage of a stream gives other bytes, an end or an error, and nothing worse", "[net]") {
    DeflatingPeer peer;
    const std::string text = some_text(400);
    const std::string bytes = peer.deflate(text);
    std::size_t found = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = bytes;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
            Compression compression;
            const Got got = inflate(compression, damaged, 7, 1000);
            if (got.result == Inflated::damaged) CHECK_FALSE(compression.failure().empty());
            found += got.text != text || got.result != Inflated::needs_more ? 1U : 0U;
        }
    CHECK(found > bytes.size() * 7);  // some bits only pad
}

TEST_CASE("a connection is compressed from where its session says, with jobs and wakes and much output", "[net]") {
    RunningServer server({});
    CompressedClient c(server);
    c.send("echo a\necho b\n");
    CHECK(c.receive(4) == "a\nb\n");
    c.send("wake me\n");
    CHECK(c.receive(6) == "woken\n");
    c.send("job 3000\n");
    CHECK(c.receive(3000 * 1024 + 1) == std::string(3000UL * 1024, 'j') + "\n");
    c.send("big 3000\nquit\n");
    CHECK(c.receive(SIZE_MAX) == std::string(3000UL * 1024, 'x') + "\n");
    CHECK(c.peer.ok);
    server.wait_until_connections(0);
}

TEST_CASE("what comes with the command that begins compression is compressed already", "[net]") {
    RunningServer server({});
    Client client(server.port());
    DeflatingPeer peer;
    client.send("echo plain\ncompress\n" + peer.deflate("echo a\nquit\n"));
    const std::string all = client.rest();
    const std::string plain = "hello\nplain\ndeflate\n";
    REQUIRE(all.starts_with(plain));
    CHECK(peer.inflate(all.substr(plain.size())) == "a\n");
}

TEST_CASE("a compressed client that does not read gets no more work done, and others are served", "[net]") {
    RunningServer server({});
    CompressedClient slow(server);
    slow.send("noise 20000\nnoise 20000\n");
    Client other(server.port());
    (void)other.line();
    other.send("echo x\n");
    CHECK(other.line() == "x\n");
    slow.send("quit\n");
    const std::string all = slow.receive(SIZE_MAX);
    CHECK(all == test::noise(20'000) + test::noise(20'000));
}

TEST_CASE("damage and the end of the stream end the connection, and only that", "[net]") {
    RunningServer server({});
    CompressedClient damaged(server), ended(server), good(server);
    damaged.send("echo a\n");
    CHECK(damaged.receive(2) == "a\n");
    damaged.client.send("\xff\xff\xff");
    CHECK(damaged.client.rest().empty());
    ended.client.send(ended.peer.deflate("echo b\n", Z_FINISH) + "echo c\n");
    CHECK(ended.receive(SIZE_MAX) == "b\n");
    ended.client.close();
    server.wait_until_connections(1);
    CHECK(server.log().find("l=info m=\"compressed data are damaged\" pkg=net cid=1 err=\"invalid block type\"") !=
          std::string::npos);
    good.send("echo d\n");
    CHECK(good.receive(2) == "d\n");
}

TEST_CASE("compression begins once, and no TLS within it", "[net]") {
    RunningServer server({});
    const std::string command = GENERATE("compress\n", "starttls\n");
    CompressedClient c(server);
    c.send(command);
    CHECK(c.receive(SIZE_MAX) == (command == "compress\n" ? "deflate\n" : "go\n"));
    server.wait_until_connections(0);
}

TEST_CASE("farewells are compressed too", "[net]") {
    RunningServer server({.patience = std::chrono::seconds(60)});
    CompressedClient silent(server), present(server);
    present.send("echo a\n");
    CHECK(present.receive(2) == "a\n");
    server.shut_down(std::chrono::milliseconds(300));
    CHECK(silent.receive(SIZE_MAX) == "bye: stopping\n");
    CHECK(present.receive(SIZE_MAX) == "bye: stopping\n");
}
