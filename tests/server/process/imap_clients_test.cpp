#include <catch2/catch.hpp>

#include "server/process/server_process.hpp"

using namespace mox;
using test::LocalServer;
using test::run_program;

TEST_CASE("Python's imaplib works with mailboxes and messages, and IDLE hears of other processes", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto mbox = local.data().parent_path() / "in.mbox";
    std::ofstream(mbox)
        << "From ann@example.org Thu Nov  5 10:00:00 2026\nFrom: a@b.example\nSubject: imported\n\nhi\n";
    const auto client =
        run_program({"python3", "-c", R"python(
import imaplib, subprocess, sys
port, program, data, mbox = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
message = b"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: hello\r\n\r\nA body.\r\n"
large = message + b"All work and no play makes Jack a dull boy.\r\n" * 20000

def ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]

def equal(a, b):
    assert a == b, (a, b)

def client():
    c = imaplib.IMAP4("127.0.0.1", port)
    ok(c.login("mox@localhost", "moxmoxmox"))
    return c

c = client()
ok(c.create("Work/Project"))
ok(c.subscribe("Work/Project"))
assert any(line.endswith(b'"/" Work/Project') for line in ok(c.list()))
ok(c.append("Work/Project", "(\\Flagged custom)", imaplib.Time2Internaldate(1700000000), message))
ok(c.append("Work/Project", None, None, large))
equal(ok(c.select("Work/Project")), [b"2"])
equal(ok(c.search(None, "FLAGGED")), [b"1"])
equal(ok(c.search(None, "SUBJECT", "hello")), [b"1 2"])
equal(ok(c.fetch("2", "(BODY.PEEK[])"))[0][1], large)
assert b"kw2" in ok(c.store("1", "+FLAGS", "(\\Deleted kw2)"))[0]
ok(c.copy("1:2", "Archive"))
ok(c.uid("MOVE", "2", "Trash"))
equal(ok(c.expunge())[-1], b"1")
equal(ok(c.status("Archive", "(MESSAGES UIDNEXT)")), [b"Archive (MESSAGES 2 UIDNEXT 3)"])
ok(c.close())
ok(c.rename("Work", "Play"))
assert b'() "/" Play/Project' in ok(c.lsub())
ok(c.delete("Play/Project"))

idle = client()
ok(idle.select("Inbox"))
idle.send(b"i IDLE\r\n")
assert idle.readline().startswith(b"+ ")
ok(c.append("Inbox", None, None, message))
equal(idle.readline(), b"* 1 EXISTS\r\n")
equal(idle.readline(), b"* 1 RECENT\r\n")
equal(idle.readline(), b"* 1 FETCH (UID 1 FLAGS (\\Recent))\r\n")
subprocess.run([program, "-q", "--data-dir", data, "mbox", "mox", "Inbox", mbox], check=True)
equal(idle.readline(), b"* 2 EXISTS\r\n")
equal(idle.readline(), b"* 2 RECENT\r\n")
equal(idle.readline(), b"* 2 FETCH (UID 2 FLAGS (\\Recent))\r\n")
idle.send(b"DONE\r\n")
equal(idle.readline(), b"i OK IDLE done\r\n")
# One that does not read its answer holds up nobody.
slow = client()
ok(slow.select("Trash"))
for i in range(40):
    slow.send(b"f%d FETCH 1 BODY.PEEK[]\r\n" % i)
ok(c.select("Trash"))
ok(c.fetch("1", "(FLAGS)"))
c.logout()
)python",
                     local.imap_port(), std::string(MOX_BIN) + "/mox-import", local.data().string(), mbox.string()});
    CHECK(client.err == "");
    CHECK(client.exit_code == 0);
    CHECK(local.mox({"stop"}).exit_code == 0);
    CHECK(run_program({std::string(MOX_BIN) + "/mox-verifydata", local.data().string()}).exit_code == 0);
}
