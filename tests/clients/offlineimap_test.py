"""offlineimap3 keeps a maildir and the server alike, with keywords as letters and names of folders in UTF-8."""

import fixture
from fixture import HARD, PASSWORD, USER, crlf, lf, mail, name_of, wait_until

# It parses each message and writes it anew, which Python's email package does to these without changing a byte.
PLAIN = [content for content in HARD if b"\nSubject: gr" not in content]
LETTERS = {"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted", "a": "harvest",
           "b": "boats", "c": "$forwarded", "d": "to-do", "e": "$notjunk", "f": "$junk"}

CONFIG = """
[general]
accounts = mox
metadata = {home}/state
ui = basic
fsync = false

[Account mox]
{refresh}
localrepository = local
remoterepository = server
utf8foldernames = yes

[Repository local]
type = Maildir
localfolders = {home}/Mail
sep = /
utime_from_header = false
customflag_a = harvest
customflag_b = boats
customflag_c = $Forwarded
customflag_d = to-do
customflag_e = $NotJunk
customflag_f = $Junk

[Repository server]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = {user}
remotepass = {password}
maxconnections = 3
{tls}
auth_mechanisms = {mechanism}
{more}
"""


class Offlineimap(fixture.ClientTest):
    def configure(self, tls="ssl", mechanism="CRAM-MD5", refresh="", more=""):
        ways = {
            "ssl": f"ssl = yes\nsslcacertfile = {self.server.certificate}",
            "starttls": f"ssl = no\nstarttls = yes\nsslcacertfile = {self.server.certificate}",
            "plain": "ssl = no\nstarttls = no",
        }
        self.write("offlineimaprc", CONFIG.format(
            home=self.home, port=self.server.tls_port if tls == "ssl" else self.server.port, user=USER,
            password=PASSWORD, tls=ways[tls], mechanism=mechanism, refresh=refresh, more=more))

    def sync(self):
        done = self.client("offlineimap", "-c", self.home / "offlineimaprc", "-o")
        self.assertNotIn("ERROR", done.stdout)
        self.assertNotIn("Traceback", done.stdout)
        return done.stdout

    def maildir(self, mailbox):
        return self.home / "Mail" / mailbox

    def files(self, mailbox):
        return [file for part in ("cur", "new") for file in (self.maildir(mailbox) / part).glob("*")]

    def file_of(self, mailbox, subject):
        found = [file for file in self.files(mailbox) if f"\nSubject: {subject}\n".encode() in file.read_bytes()]
        self.assertEqual(len(found), 1, subject)
        return found[0]

    def deliver(self, mailbox, name, content, letters=""):
        for part in ("cur", "new", "tmp"):
            (self.maildir(mailbox) / part).mkdir(parents=True, exist_ok=True)
        (self.maildir(mailbox) / "cur" / f"{name}:2,{letters}").write_bytes(lf(content))

    def flag(self, path, letters):
        path.rename(path.parent.parent / "cur" / (path.name.split(":")[0] + ":2," + letters))

    def local(self, mailbox):
        found = {}
        for file in self.files(mailbox):
            letters = file.name.partition(":2,")[2]
            found.setdefault(name_of(file.read_bytes()), []).append({LETTERS[letter] for letter in letters})
        return found

    def remote(self, mailbox):
        found = {}
        for message in self.server.messages(mailbox):
            flags = {flag if flag.startswith("\\") else flag.lower() for flag in message.flags}
            found.setdefault(name_of(lf(message.content)), []).append(flags & set(LETTERS.values()))
        return found

    def assert_alike(self):
        mailboxes = self.server.mailboxes()
        for mailbox in mailboxes:
            self.assertEqual(self.local(mailbox), self.remote(mailbox), mailbox)
        folders = {str(marker.parent.relative_to(self.home / "Mail")) for marker in (self.home / "Mail").rglob("cur")}
        self.assertEqual(folders, mailboxes)

    def state(self):
        server = {name: self.server.messages(name) for name in self.server.mailboxes()}
        return server, sorted(path for path in (self.home / "Mail").rglob("*") if path.is_file())

    def test_two_way(self):
        names = ["Inbox", "Work/\u00dcbung", "My Lists", "A & B"]
        for name in names:
            self.server.append(name, *PLAIN, flags="\\Flagged harvest $Forwarded")
        self.configure()
        before = {name: self.server.messages(name) for name in names}
        self.sync()
        self.assertEqual({name: self.server.messages(name) for name in names}, before)
        self.assert_alike()

        self.deliver("Inbox", "1700200000.one", mail("from here"), "FS")
        for number, content in enumerate(PLAIN):
            self.deliver("Caf\u00e9", f"1700200000.{number}", content, "R")
        dots = self.file_of("My Lists", "dots")
        # The letter of a keyword, which it does not tell the server and takes back.
        self.flag(dots, "".join(sorted(dots.name.partition(":2,")[2] + "RSd")))
        self.file_of("My Lists", "long").unlink()
        remote = {message.subject: message for message in self.server.messages("My Lists")}
        self.server.append("My Lists", mail("from there"), flags="\\Seen to-do boats")
        self.server.store("My Lists", [remote["open end"].uid], "+FLAGS", "\\Answered boats")
        self.server.store("My Lists", [remote["nothing"].uid], "-FLAGS", "\\Flagged harvest")
        self.server.expunge("My Lists", [remote["latin"].uid])
        self.server.append("New/On the server", *PLAIN)
        self.sync()
        self.sync()  # the flags that the server has given to new messages
        self.assert_alike()
        lists = {message.subject: message for message in self.server.messages("My Lists")}
        self.assertEqual(set(lists), set(remote) - {"long", "latin"} | {"from there"})
        # What it changed left the keywords alone.
        self.assertEqual(lists["dots"].flags, remote["dots"].flags | {"\\Answered", "\\Seen"})
        here = [message for message in self.server.messages("Inbox") if message.subject == "from here"]
        self.assertEqual([message.flags for message in here], [{"\\Seen", "\\Flagged"}])
        self.assert_on_server("Caf\u00e9", [crlf(content) for content in PLAIN])

        before = self.state()
        self.sync()
        self.assertEqual(self.state(), before)

    def test_ways_in(self):
        self.server.append("Inbox", mail("one"))
        for tls, mechanism in (("plain", "LOGIN"), ("starttls", "PLAIN"), ("ssl", "CRAM-MD5")):
            with self.subTest(tls=tls, mechanism=mechanism):
                self.configure(tls, mechanism)
                listed = self.client("offlineimap", "-c", self.home / "offlineimaprc", "--info").stdout
                self.assertIn("Inbox", listed)
                self.assertEqual(self.server.last_login(), "login" if mechanism == "LOGIN" else mechanism)

    def test_idle(self):
        self.server.append("Inbox", mail("first"))
        self.configure(refresh="autorefresh = 60", more="idlefolders = ['Inbox']")
        with self.running("offlineimap", "-d", "imap", "-c", self.home / "offlineimaprc"):
            for number, subject in enumerate(("first", "second", "third")):
                if number > 0:
                    # What comes between its look and its IDLE, it misses until the next refresh.
                    wait_until(lambda: (self.home / "running").read_text().count(" IDLE\\r\\n") >= number, "IDLE")
                    self.server.append("Inbox", mail(subject))
                wait_until(lambda: any(f"Subject: {subject}\n".encode() in file.read_bytes()
                                       for file in self.files("Inbox")), f"the {subject} message")


if __name__ == "__main__":
    fixture.main()
