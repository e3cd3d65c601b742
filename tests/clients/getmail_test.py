"""getmail6 fetches mail once, from several mailboxes, over TLS and in plain text, and deletes it when told to."""

import os

import fixture
from fixture import HARD, PASSWORD, USER, lf, mail, survives_python, wait_until

CONFIG = """
[retriever]
type = {type}
server = localhost
port = {port}
username = {user}
password = {password}
mailboxes = {mailboxes}
record_mailbox = false
{more}

[destination]
type = MDA_external
path = {home}/deliver

[options]
delivered_to = false
received = false
read_all = false
verbose = 2
{options}
"""

# It waits for a minute, and fails, when the one that delivers has ended before it waits. Its own delivery to maildirs is
# as quick as that.
DELIVER = """#!/bin/sh
set -e
file=$(mktemp "{home}/part-XXXXXX")
cat >"$file"
mv "$file" "{home}/Mail/${{file##*-}}"
sleep 0.1
"""


class Getmail(fixture.ClientTest):
    def setUp(self):
        super().setUp()
        (self.home / "Mail").mkdir()
        self.write("deliver", DELIVER.format(home=self.home)).chmod(0o700)
        # It delivers nothing as root.
        self.user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, 65534, 65534)

    def configure(self, mailboxes, tls=True, options="", more=""):
        if tls:
            more += f"\nca_certs = {self.server.certificate_copy(self.home)}"
        path = self.write("getmailrc", CONFIG.format(
            type="SimpleIMAPSSLRetriever" if tls else "SimpleIMAPRetriever", user=USER, password=PASSWORD,
            port=self.server.tls_port if tls else self.server.port, home=self.home, options=options, more=more,
            mailboxes=mailboxes if mailboxes == "ALL" else repr(tuple(mailboxes))))
        if self.user:
            os.chown(path, 65534, 65534)

    def command(self, *words):
        return ["getmail", "--getmaildir", self.home, "--rcfile", self.home / "getmailrc", *words]

    def fetch(self):
        return self.client(*self.command(), **self.user).stdout

    def taken(self):
        """What has arrived since it was last asked for."""
        files = list((self.home / "Mail").iterdir())
        contents = [file.read_bytes().removeprefix(b"Return-Path: <unknown>\n") for file in files]
        for file in files:
            file.unlink()
        return contents

    def test_once_over_tls(self):
        self.server.import_sample("Inbox")
        self.server.append("Work/\u00dcbung", *HARD, flags="\\Flagged")
        self.server.append("My Lists", mail("one"))
        before = {name: self.server.messages(name) for name in ("Inbox", "Work/\u00dcbung", "My Lists")}
        self.configure(before)
        self.fetch()
        everything = [message.content for messages in before.values() for message in messages]
        taken = self.taken()
        self.assertEqual(len(taken), len(everything))
        unchanged = [lf(content) for content in everything if survives_python(content)]
        self.assertGreater(len(unchanged), len(HARD) + 15)
        self.assert_same_messages([content for content in taken if content in unchanged], unchanged)
        # It remembers UIDs, and leaves the mailboxes as they were.
        self.fetch()
        self.assertEqual(self.taken(), [])
        self.server.append("My Lists", mail("two"))
        self.fetch()
        self.assert_same_messages(self.taken(), [lf(mail("two"))])
        for name, messages in before.items():
            self.assertEqual(self.server.messages(name)[:len(messages)], messages)

    def test_delete_in_plain_text(self):
        self.server.append("Inbox", *HARD)
        self.server.append("Lists/A & B", *HARD[:3])
        self.configure(["Inbox", "Lists/A & B"], tls=False, options="delete = true", more="use_cram_md5 = true")
        self.fetch()
        self.assert_same_messages(self.taken(), [lf(content) for content in HARD + HARD[:3]])
        self.assertEqual(self.server.messages("Inbox") + self.server.messages("Lists/A & B"), [])
        self.server.append("Inbox", mail("next"))
        self.configure(["Inbox"], tls=False, options="delete = true", more="move_on_delete = Archive")
        self.fetch()
        self.assert_same_messages(self.taken(), [lf(mail("next"))])
        self.assertEqual(self.server.messages("Inbox"), [])
        self.assert_on_server("Archive", [mail("next")])

    def test_all_mailboxes(self):
        for name in ("Inbox", "Work/\u00dcbung", "A & B", "(deep)/er"):
            self.server.append(name, mail(f"in {name}"))
        self.configure("ALL")
        self.fetch()
        everything = [message.content for name in self.server.mailboxes() for message in self.server.messages(name)]
        self.assertEqual(len(everything), 4)
        self.assert_same_messages(self.taken(), [lf(content) for content in everything])

    def test_idle(self):
        self.server.append("Inbox", mail("first"))
        self.configure(["Inbox"])
        taken = []
        with self.running(*self.command("--trace", "--idle", "Inbox"), **self.user):
            for number, subject in enumerate(("first", "second", "third")):
                if number > 0:
                    # What comes between its look and its IDLE, it misses for five minutes.
                    log = self.home / "running"
                    wait_until(lambda: log.read_text().count("Entering IDLE mode") >= number, "IDLE")
                    self.server.append("Inbox", mail(subject))
                taken += wait_until(self.taken, f"the {subject} message")
        self.assert_same_messages(taken, [lf(mail(subject)) for subject in ("first", "second", "third")])


if __name__ == "__main__":
    fixture.main()
