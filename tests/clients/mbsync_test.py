"""mbsync (isync) keeps a maildir and the server alike, in both directions."""

import re

import fixture
from fixture import HARD, PASSWORD, USER, mail, modified_utf7, name_of

NAMES = ["Work/\u00dcbung", "My Lists", "A & B", "Work/Q3 \u2014 plans"]
LETTERS = {"D": "\\Draft", "F": "\\Flagged", "P": "$Forwarded", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted"}

# Tags are what mbsync adds to a message that it copies, to find it again.
TAG = re.compile(rb"^X-TUID: [^\r\n]*\r?\n", re.M)


def lf(content):
    """As it writes messages: it removes every CR, also one that is no part of a line end."""
    return content.replace(b"\r", b"")


CONFIG = """
IMAPAccount mox
Host localhost
Port {port}
User {user}
Pass {password}
SSLType {tls}
CertificateFile {certificate}
AuthMechs {mechanism}

IMAPStore server
Account mox

MaildirStore local
Path {home}/Mail/
Inbox {home}/Mail/Inbox
SubFolders Verbatim

Channel mail
Far :server:
Near :local:
Patterns *
Create Both
Remove Both
Expunge Both
Sync All
CopyArrivalDate yes
SyncState *
"""


class Mbsync(fixture.ClientTest):
    def configure(self, tls="IMAPS", mechanism="SCRAM-SHA-256"):
        port = self.server.tls_port if tls == "IMAPS" else self.server.port
        self.write("mbsyncrc", CONFIG.format(
            port=port, tls=tls, mechanism=mechanism, user=USER, password=PASSWORD, home=self.home,
            certificate=self.server.certificate))
        (self.home / "Mail").mkdir(exist_ok=True)

    def sync(self):
        return self.client("mbsync", "-c", self.home / "mbsyncrc", "-a").stdout

    def folder_of(self, mailbox):
        if mailbox == "Inbox":
            return self.home / "Mail" / "Inbox"
        return self.home / "Mail" / modified_utf7(mailbox)

    def files(self, mailbox):
        folder = self.folder_of(mailbox)
        return [file for part in ("cur", "new") for file in (folder / part).iterdir()]

    def file_of(self, mailbox, subject):
        found = [file for file in self.files(mailbox) if f"\nSubject: {subject}\n".encode() in file.read_bytes()]
        self.assertEqual(len(found), 1, subject)
        return found[0]

    def deliver(self, mailbox, name, content, letters=""):
        folder = self.folder_of(mailbox)
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        path = folder / "cur" / f"{name}:2,{letters}"
        path.write_bytes(lf(content))
        return path

    def flag(self, path, letters):
        return path.rename(path.parent.parent / "cur" / (path.name.split(":")[0] + ":2," + letters))

    def local(self, mailbox):
        """Contents without tags, and the flags of each."""
        found = {}
        for file in self.files(mailbox):
            letters = file.name.partition(":2,")[2]
            flags = {LETTERS[letter] for letter in letters}
            found.setdefault(name_of(TAG.sub(b"", file.read_bytes())), []).append(flags)
        return found

    def remote(self, mailbox):
        known = set(LETTERS.values())
        found = {}
        for message in self.server.messages(mailbox):
            found.setdefault(name_of(lf(TAG.sub(b"", message.content))), []).append(set(message.flags & known))
        return found

    def assert_alike(self):
        mailboxes = self.server.mailboxes()
        for mailbox in mailboxes:
            self.assertEqual(self.local(mailbox), self.remote(mailbox), mailbox)
        markers = self.home.joinpath("Mail").rglob("cur")
        folders = {str(marker.parent.relative_to(self.home / "Mail")) for marker in markers}
        self.assertEqual(folders, {modified_utf7(mailbox) for mailbox in mailboxes})

    def state(self):
        server = {name: self.server.messages(name) for name in self.server.mailboxes()}
        files = sorted(path for path in self.home.joinpath("Mail").rglob("*") if path.is_file())
        return server, [(path, path.read_bytes()) for path in files if not path.name.startswith(".")]

    def test_two_way(self):
        self.server.import_sample("Inbox")
        for name in NAMES:
            self.server.append(name, *HARD, flags="\\Flagged harvest")
        self.configure()
        before = self.server.messages("Inbox")
        self.sync()
        # What was marked as deleted is expunged on both sides, everything else is as it was, with its keywords.
        kept = [message for message in before if "\\Deleted" not in message.flags]
        self.assertLess(len(kept), len(before))
        self.assertEqual(self.server.messages("Inbox"), kept)
        self.assertEqual(set(self.local("Inbox")), {name_of(lf(message.content)) for message in kept})
        for name in NAMES:
            self.assertEqual(set(self.local(name)), {name_of(lf(content)) for content in HARD}, name)
        self.assert_alike()

        # Changes on both sides, not of the same message.
        self.deliver("Inbox", "1700200000.one", mail("from here"), "SP")
        for number, content in enumerate(HARD):
            self.deliver("Work/Caf\u00e9", f"1700200000.{number}", content, "F")
        self.flag(self.file_of("My Lists", "dots"), "FRS")
        self.flag(self.file_of("My Lists", "long"), "T")
        remote = {message.subject: message for message in self.server.messages("My Lists")}
        self.server.append("My Lists", mail("from there"), flags="\\Seen $Forwarded to-do")
        self.server.store("My Lists", [remote["open end"].uid], "+FLAGS", "\\Answered boats")
        self.server.store("My Lists", [remote["nothing"].uid], "-FLAGS", "\\Flagged")
        self.server.expunge("My Lists", [remote["latin"].uid])
        self.server.append("New/On the server", *HARD)
        self.sync()
        self.assert_alike()
        lists = {message.subject: message for message in self.server.messages("My Lists")}
        self.assertEqual(set(lists), set(remote) - {"long", "latin"} | {"from there"})
        self.assertEqual(lists["dots"].flags - {"$NotJunk"}, {"\\Flagged", "\\Answered", "\\Seen", "harvest"})
        self.assertEqual(lists["open end"].flags - {"$NotJunk"}, {"\\Flagged", "\\Answered", "harvest", "boats"})
        self.assertEqual(lists["nothing"].flags - {"$NotJunk"}, {"harvest"})
        self.assertTrue(self.file_of("My Lists", "from there").name.endswith(":2,PS"))
        self.assertTrue(self.file_of("My Lists", "nothing").name.endswith(":2,"))
        here = [message for message in self.server.messages("Inbox") if message.subject == "from here"]
        self.assertEqual([message.flags for message in here], [{"\\Seen", "$Forwarded"}])
        self.assertEqual(set(self.remote("Work/Caf\u00e9")), {name_of(lf(content)) for content in HARD})

        # Nothing is left to do.
        before = self.state()
        self.sync()
        self.assertEqual(self.state(), before)

    def test_ways_in(self):
        self.server.append("Inbox", *HARD)
        for tls in ("None", "STARTTLS", "IMAPS"):
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"):
                with self.subTest(tls=tls, mechanism=mechanism):
                    self.configure(tls, mechanism)
                    listed = self.client("mbsync", "-c", self.home / "mbsyncrc", "-l", "mail").stdout
                    self.assertIn("\nINBOX\n", "\n" + listed)
                    # Its LOGIN is the command.
                    expected = "login" if mechanism == "LOGIN" else mechanism
                    self.assertEqual(self.server.last_login(), expected)


if __name__ == "__main__":
    fixture.main()
