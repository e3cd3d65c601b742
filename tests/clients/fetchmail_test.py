"""fetchmail takes mail out of mailboxes, or leaves it there, and waits for more in IDLE."""

import re
import signal

import fixture
from fixture import HARD, PASSWORD, USER, lf, mail, wait_until

CONFIG = """
set invisible
poll {host} service {port} protocol IMAP auth {auth} bad-header accept
    user "{user}" password "{password}" is nobody here
    {tls}
    {keep} no rewrite fetchall
    folder {folders}
    {more}
    mda "{mda}"
"""

# Each message into a file of its own; complete when it has its name.
DELIVER = """#!/bin/sh
set -e
file=$(mktemp "$HOME/part-XXXXXX")
cat >"$file"
mv "$file" "$HOME/Mail/${file##*-}"
"""


def is_left_alone(content):
    """It breaks lines of 8 KiB, ends the last line, removes each CR, and ends each header by an empty line."""
    text = lf(content)
    return (text.endswith(b"\n") and b"\r" not in text and max(map(len, text.split(b"\n"))) < 8000
            and b"\n\n" in text and re.match(rb"[A-Za-z-]+:", text))


class Fetchmail(fixture.ClientTest):
    def setUp(self):
        super().setUp()
        (self.home / "Mail").mkdir()
        self.write("deliver", DELIVER).chmod(0o700)

    def configure(self, folders=("Inbox",), keep="nokeep", tls="imaps", auth="password", more=""):
        trust = f'sslcertck sslcertfile "{self.server.certificate}" sslcommonname localhost'
        ways = {"plain": "sslproto ''", "starttls": f"sslproto 'tls1.2+' {trust}", "imaps": f"ssl {trust}"}
        self.write("fetchmailrc", CONFIG.format(
            host="localhost" if tls != "plain" else "127.0.0.1", user=USER, password=PASSWORD, keep=keep, tls=ways[tls],
            port=self.server.tls_port if tls == "imaps" else self.server.port, auth=auth, mda=self.home / "deliver",
            folders=", ".join(f'"{folder}"' for folder in folders), more=more))

    def command(self, *words):
        return ["fetchmail", "-f", str(self.home / "fetchmailrc"), "--nosyslog", "--pidfile", str(self.home / "pid"),
                *words]

    def fetch(self, expected_status=0):
        done = self.client(*self.command("-v"), check=False)
        self.assertEqual(done.returncode, expected_status, done.stdout)
        return done.stdout

    def taken(self):
        files = list((self.home / "Mail").iterdir())
        contents = [file.read_bytes() for file in files]
        for file in files:
            file.unlink()
        return contents

    def test_keep_and_take(self):
        self.server.import_sample("Inbox")
        self.server.append("My Lists", *HARD)
        before = self.server.messages("Inbox")
        # Kept: seen now, otherwise as it was.
        self.configure(["Inbox", "My Lists"], keep="keep")
        self.fetch()
        everything = [message.content for message in before] + HARD
        taken = self.taken()
        self.assertEqual(len(taken), len(everything))
        unchanged = [lf(content) for content in everything if is_left_alone(content)]
        self.assertGreater(len(unchanged), len(HARD) + 15)
        self.assert_same_messages([content for content in taken if content in unchanged], unchanged)
        self.assertEqual([(message.uid, message.content) for message in self.server.messages("Inbox")],
                         [(message.uid, message.content) for message in before])
        for message in self.server.messages("My Lists"):
            self.assertIn("\\Seen", message.flags)
        # Taken: gone, and nothing comes twice. It begins with an EXPUNGE, without looking at what was deleted.
        live = [message for message in before if "\\Deleted" not in message.flags]
        self.configure(["Inbox", "My Lists"], tls="starttls", auth="cram-md5")
        self.fetch()
        self.assertEqual(len(self.taken()), len(live) + len(HARD))
        self.assertEqual(self.server.messages("My Lists"), [])
        self.fetch(expected_status=1)  # no mail
        self.assertEqual(self.taken(), [])

    def test_new_mail_only(self):
        self.server.append("Inbox", mail("old"), flags="\\Seen")
        self.server.append("Inbox", mail("new"))
        self.configure(keep="keep", tls="plain", more="no fetchall")
        self.fetch()
        self.assert_same_messages(self.taken(), [lf(mail("new"))])
        self.fetch(expected_status=1)
        self.assertEqual(self.taken(), [])

    def test_idle(self):
        self.server.append("Inbox", mail("first"))
        self.configure(keep="nokeep", more="idle")
        with self.running(*self.command("-v"), end=signal.SIGTERM):
            for subject in ("first", "second", "third"):
                if subject != "first":
                    self.server.append("Inbox", mail(subject))
                self.assert_same_messages(wait_until(self.taken, f"the {subject} message"), [lf(mail(subject))])
                wait_until(lambda: self.server.messages("Inbox") == [], "an empty mailbox")
        self.assertIn("IDLE", (self.home / "running").read_text())


if __name__ == "__main__":
    fixture.main()
