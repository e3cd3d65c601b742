// COMPRESS=DEFLATE with Python's zlib at the other end.

#include <catch2/catch.hpp>

#include "server/process/python_client.hpp"

using namespace mox;
using test::LocalServer;
using test::run_python_client;

TEST_CASE("Python's zlib understands a compressed session, with TLS and without", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto client = run_python_client(local, R"python(
for tls in (False, True):
    c = Client(tls)
    assert b"COMPRESS=DEFLATE" in c("c CAPABILITY")[0].split()
    # The commands behind it are compressed and need not wait for the answer.
    equal(c.compress(b"d SELECT Inbox\r\ne NOOP\r\n", window=9 if tls else 15), b"b OK COMPRESS done")
    equal(c.answer(b"e")[-1], b"e OK NOOP done")
    assert b"COMPRESS=DEFLATE" not in c("f CAPABILITY")[0].split()
    equal(c("g COMPRESS DEFLATE")[-1][:27], b"g NO [COMPRESSIONACTIVE] CO")
    assert c.append(large).startswith(b"p OK [APPENDUID")
    before = c.received
    equal(c("h UID FETCH * BODY.PEEK[]")[1], large)
    assert c.received - before < len(large) / 4, c.received - before
    # Changes reach somebody who idles.
    idle = Client(not tls)
    idle.compress()
    idle("i SELECT Inbox")
    idle.send(b"j IDLE\r\n")
    equal(idle.line()[:2], b"+ ")
    assert c.append(message).startswith(b"p OK")
    equal(idle.line()[-6:], b"EXISTS")
    equal(idle.line()[-6:], b"RECENT")
    idle.line()
    idle.send(b"DONE\r\n")
    equal(idle.line(), b"j OK IDLE done")
    # Byte for byte.
    for byte in c.out.compress(b"k NOOP\r\nl LOGOUT\r\n") + c.out.flush(zlib.Z_SYNC_FLUSH):
        c.socket.sendall(bytes([byte]))
    equal(c.rest()[-53:], b"k OK NOOP done\r\n* BYE thanks\r\nl OK LOGOUT done\r\n"[-53:])
)python");
    CHECK(client.err == "");
    CHECK(client.exit_code == 0);
    test::check_end(local);
}

TEST_CASE("compressed bombs, damage and clients that do not read harm nobody", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto client = run_python_client(local, R"python(
process = sys.argv[4]

def gigabyte(head):
    out = zlib.compressobj(9, zlib.DEFLATED, -15)
    return out.compress(head) + b"".join(out.compress(bytes(1 << 20)) for _ in range(1024)) + out.flush(zlib.Z_SYNC_FLUSH)

c = Client()
assert c.append(large).startswith(b"p OK")
before = memory(process)
# A line, a literal and a name of a gigabyte, in a megabyte.
for head, said in ((b"c NOOP ", b"* BYE [ALERT] line too long"), (b"c LOGIN {1073741824+}\r\n", b"* BYE [ALERT] literal"),
                   (b"c APPEND Inbox {1073741825+}\r\n", b"* BYE [ALERT] the message is too large")):
    bomb = Client()
    bomb.compress()
    data = gigabyte(head)
    assert len(data) < 1200000
    try:
        bomb.socket.sendall(data)
    except ConnectionError:
        pass
    try:
        said_really = bomb.line()
    except ConnectionError:
        said_really = said
    assert said_really.startswith(said), said_really
# Half of a literal, of which the rest never comes.
half = Client()
half.compress()
half.send(b"c APPEND Inbox {100000000+}\r\n" + bytes(1000000))
# Ten that do not read.
slow = []
for i in range(10):
    s = Client(i % 2 == 0, "127.0.1.%d" % (i + 1))
    s.compress()
    s("c SELECT Inbox")
    for n in range(50):
        s.send(b"f%d FETCH 1:* BODY.PEEK[]\r\n" % n)
    slow.append(s)
damaged = Client()
damaged.compress()
damaged.socket.sendall(b"\xff\xff\xff\xff")
equal(damaged.rest(), b"")
equal(c("d NOOP")[-1], b"d OK NOOP done")
grown = memory(process) - before
assert grown < 150000000, grown
for s in slow + [half]:
    s.socket.close()
equal(c("e STATUS Inbox (MESSAGES)")[0], b"* STATUS Inbox (MESSAGES 1)")
)python",
                                          {std::to_string(local.server->process())});
    CHECK(client.err == "");
    CHECK(client.exit_code == 0);
    CHECK(local.server->says("m=\"compressed data are damaged\""));
    test::check_end(local);
}
