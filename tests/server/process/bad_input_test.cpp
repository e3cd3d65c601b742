// Clients that send what no client should, or stop in the middle: a clear answer, bounded memory, others unaffected.

#include <catch2/catch.hpp>

#include "server/process/python_client.hpp"

using namespace mox;
using test::LocalServer;
using test::run_python_client;

namespace {

// The rest of a script that has `c`, a client who is logged in and must be served in the end, and `process`.
void run_bad_client(const std::string& script) {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto client = run_python_client(local, R"python(
import random, struct
process = sys.argv[4]
c = Client()

# What comes back for bytes that are sent however much of it is read; the end of the connection ends it.
def said_for(client, data, times=1):
    try:
        for _ in range(times):
            client.socket.sendall(data)
        client.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    return client.rest()

def before_login():
    client = Client.__new__(Client)
    client.socket = socket.create_connection(("127.0.0.1", port), 60)
    client.input, client.out, client.into, client.received = bytearray(), None, None, 0
    client.line()
    return client
)python" + script + R"python(
equal(c("z NOOP")[-1], b"z OK NOOP done")
)python",
                                          {std::to_string(local.server->process())});
    CHECK(client.err == "");
    CHECK(client.exit_code == 0);
    test::check_end(local);
}

}  // namespace

TEST_CASE("literals of gigabytes are refused before a byte of them", "[serve]") {
    run_bad_client(R"python(
for size in (1 << 32, 1 << 63, 1 << 64, 10 ** 40):
    client = before_login()
    client.send(b"x NOOP\r\n")
    client.line()
    equal(client("a LOGIN {%d}" % size)[-1], b"a BAD [TOOBIG] LOGIN literal too big")
    equal(client("b NOOP")[-1], b"b OK NOOP done")
    said = said_for(client, b"c LOGIN {%d+}\r\n" % size)
    assert said.startswith(b"* BYE [ALERT] literal too big\r\nc BAD [TOOBIG]"), said
    client = Client()
    equal(client("a SELECT {%d}" % size)[-1], b"a BAD [TOOBIG] SELECT literal too big")
    answer = client("b APPEND Inbox {%d}" % size)[-1]
    assert answer.startswith(b"b NO [TOOBIG]") or answer.startswith(b"b BAD"), answer
    equal(client("c NOOP")[-1], b"c OK NOOP done")
    said = said_for(client, b"d APPEND Inbox {%d+}\r\n" % size)
    assert said.startswith(b"* BYE [ALERT] the message is too large\r\nd "), said
)python");
}

TEST_CASE("endless lines are refused early after the login too", "[serve]") {
    run_bad_client(R"python(
before = memory(process)
for start in (b"a NOOP ", b"a SELECT \"", b"a FETCH " + b"1," * 8190, b"a UID SEARCH UID " + b"1:2," * 8190,
              b"a APPEND Inbox (", b"a IDLE\r\n"):
    client = Client()
    sent = 0
    try:
        client.send(start)
        while sent < 1 << 30:
            client.socket.sendall(b"1:2," * 250000)
            sent += 1000000
    except OSError:
        pass
    assert sent < 1 << 30
    try:
        said = client.rest()
        assert not said or b"* BYE [ALERT] line too long\r\n" in said, said
    except OSError:
        pass
assert memory(process) - before < 100000000, memory(process) - before
)python");
}

TEST_CASE("a million ranges of numbers do not fit in a command, as many as fit cost little", "[serve]") {
    run_bad_client(R"python(
for i in range(20):
    assert c.append(message).startswith(b"p OK")
c("a SELECT Inbox")
for numbers in ("1," * 8000 + "1", ",".join("%d:*" % (n % 20 + 1) for n in range(3000)),
                ",".join("20:1" for n in range(3200)), ",".join("4294967295:%d" % (n + 1) for n in range(1000))):
    assert len(numbers) < 16300
    for command in ("UID FETCH %s (FLAGS)", "UID SEARCH UID %s", "UID STORE %s +FLAGS (kw)", "UID COPY %s Archive",
                    "UID SEARCH NOT UID %s"):
        answer = c("b " + command % numbers)[-1]
        assert answer.startswith(b"b OK"), answer
said = said_for(Client(), b"a UID FETCH " + b",".join(b"%d:*" % (n + 1) for n in range(1000000)) + b" (FLAGS)\r\n")
assert said == b"" or said.startswith(b"* BYE"), said
)python");
}

TEST_CASE("NUL and other bytes that belong nowhere are refused, and the session goes on", "[serve]") {
    run_bad_client(R"python(
client = Client()
for command in (b"a NO\0OP", b"a SELECT \"In\0box\"", b"a SELECT In\0box", b"a SELECT {6+}\r\nIn\0box", b"a\0 NOOP", b"\0",
                b"a SELECT \xff\xfe", b"a SEARCH TEXT \"\0\"", b"a STATUS Inbox (\0)", b"a CREATE {3+}\r\na\0b", b"",
                b"a", b" ", b"a ", b"a NOOP ", b"a {3+}\r\nabc", b"{3+}\r\nabc", b"a LOGIN a b", b"a STARTTLS", b"* OK x",
                b"a UID", b"a UID NOOP", b"a FETCH", b"a CREATE \x7f", b"\x80\x81 \x82"):
    client.send(command + b"\r\n")
    answer = client.line()
    assert answer.split()[1] in (b"BAD", b"NO"), (command, answer)
    assert all(32 <= byte < 127 for byte in answer), (command, answer)
# In a message that is no binary one it is kept, as it would be of one that came by SMTP.
nul = message + b"a\0b\r\n"
assert client.append(nul).startswith(b"p OK")
client("a SELECT Inbox")
equal(client("b FETCH 1 BODY.PEEK[]")[1], nul.replace(b"\0", b"\x80"))
)python");
}

TEST_CASE("a hundred thousand bad commands end the connection after a thousand", "[serve]") {
    run_bad_client(R"python(
said = said_for(Client(), b"a NOTHING\r\n" * 100000)
equal(said.count(b"a BAD "), 1000)
assert said.endswith(b"* BYE too many errors\r\n"), said[-100:]
said = said_for(before_login(), b"a NOOP\r\n" + b"a NOTHING\r\n" * 100000)
equal(said.count(b"a BAD "), 10)
assert said.endswith(b"* BYE too many errors\r\n"), said[-100:]
# Good ones are answered, each of them.
said = said_for(Client(), b"a NOOP\r\n" * 100000)
equal(said, b"a OK NOOP done\r\n" * 100000)
)python");
}

TEST_CASE("garbage of any kind gets whole lines and an end", "[serve]") {
    run_bad_client(R"python(
random.seed(20261130)
before = memory(process)
words = [b"a", b" ", b"UID", b"FETCH", b"1:*", b"(", b")", b"BODY[", b"]", b"{5+}\r\n", b"{5}\r\n", b"\r\n", b"\n", b"\r",
         b"\"", b"\\", b"SELECT", b"Inbox", b"APPEND", b"STORE", b"+FLAGS", b"IDLE", b"DONE", b"COMPRESS", b"SEARCH", b"\0",
         b"*", b"%", b"$", b"~{3}", b"CREATE", b"x" * 100]
for kind in range(30):
    if kind % 3 == 0:
        data = random.randbytes(300000)
    elif kind % 3 == 1:
        data = b"".join(random.choice(words) for _ in range(50000))
    else:
        data = b"".join(b"a " + b" ".join(random.choices(words, k=5)) + b"\r\n" for _ in range(20000))
    client = Client(source="127.0.%d.1" % (8 * (kind % 5)))
    said = said_for(client, data)
    assert said == b"" or said.endswith(b"\r\n"), (kind, said[-200:])
assert memory(process) - before < 150000000, memory(process) - before
)python");
}

TEST_CASE("clients that vanish leave nothing half done", "[serve]") {
    run_bad_client(R"python(
import os
before = memory(process)
# In IDLE and within messages; politely or not.
for i in range(100):
    client = Client(i % 2 == 1, source="127.0.%d.%d" % (8 * (i % 7), i + 1))
    if i % 5 == 0:
        client("a SELECT Inbox")
        client.send(b"b IDLE\r\n")
        client.line()
    elif i % 5 == 1:
        client.send(b"b APPEND Inbox {%d+}\r\n" % len(large) + large[:len(large) // 2])
    elif i % 5 == 2:
        client.send(b"b APPEND Inbox {%d+}\r\n" % len(message) + message)
    elif i % 5 == 3:
        client.send(b"b APPEND Inbox {%d+}\r\n" % len(message) + message + b" {1000+}\r\n" + message)
    else:
        client.send(b"b APPEND Inbox {%d}\r\n" % len(message))
        client.line()
    if i % 3 == 0:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.socket.close()
# Whoever comes after them is served, and when it is, they are gone: the server notices them in the order they left.
c("a SELECT Inbox")
assert c.append(message).startswith(b"p OK")
equal(c("b STATUS Inbox (MESSAGES UIDNEXT)")[0], b"* STATUS Inbox (MESSAGES 1 UIDNEXT 2)")
data = os.path.join(os.path.dirname(os.path.dirname(ca)), "data")
for attempt in range(1000):
    if not os.listdir(os.path.join(data, "tmp")):
        break
    c("c NOOP")
equal(os.listdir(os.path.join(data, "tmp")), [])
)python");
}

TEST_CASE("a reader that stops in the middle of much mail holds up nobody and takes little memory", "[serve]") {
    run_bad_client(R"python(
huge = message + b"All work and no play makes Jack a dull boy.\r\n" * 120000
assert c.append(huge).startswith(b"p OK")
equal(c("a UID COPY 1 Inbox")[-1][:5], b"a BAD")
c("a SELECT Inbox")
for i in range(3):
    c("b COPY 1:* Inbox")
before = memory(process)
slow = []
for i in range(20):
    s = Client(i % 2 == 0, source="127.0.1.%d" % (i + 1))
    s("a SELECT Inbox")
    s.send(b"b FETCH 1:* BODY.PEEK[]\r\n")
    equal(s.line()[:9], b"* 1 FETCH")
    slow.append(s)
grown = memory(process) - before
assert grown < 250000000, grown  # they have asked for almost a gigabyte
equal(c("c FETCH 1 (FLAGS)")[-1], b"c OK FETCH done")
assert c.append(message).startswith(b"p OK")
# One of them goes on.
lines = slow[0].read(8 * len(huge) + 100)
assert b"\r\nAll work and no play" in lines
for s in slow:
    s.socket.close()
)python");
}
