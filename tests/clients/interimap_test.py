"""interimap keeps two accounts alike by QRESYNC, keywords included."""

import fixture
from fixture import HARD, PASSWORD, USER, mail, name_of, wait_until

OTHER = "ana@localhost"
JUNK = {"$Junk", "$NotJunk"}

CONFIG = """
database = state.db
list-mailbox = *

[local]
type = imaps
host = localhost
port = {tls_port}
username = {user}
password = {password}
SSL_CAfile = {certificate}

[remote]
type = imap
STARTTLS = YES
host = localhost
port = {port}
username = {other}
password = {password}
SSL_CAfile = {certificate}
"""


class Interimap(fixture.ClientTest):
    def setUp(self):
        super().setUp()
        self.server.add_account("ana")
        (self.home / ".local" / "share" / "interimap").mkdir(parents=True)
        self.write(".config/interimap/config", CONFIG.format(
            user=USER, other=OTHER, password=PASSWORD, certificate=self.server.certificate, port=self.server.port,
            tls_port=self.server.tls_port))

    def sync(self):
        return self.client("interimap", "--debug").stdout

    def contents(self, mailbox, user):
        messages = self.server.messages(mailbox, user)
        return sorted((name_of(message.content), message.date, sorted(message.flags - JUNK)) for message in messages)

    def assert_alike(self):
        self.assertEqual(self.server.mailboxes(USER), self.server.mailboxes(OTHER))
        for mailbox in self.server.mailboxes(USER):
            self.assertEqual(self.contents(mailbox, USER), self.contents(mailbox, OTHER), mailbox)

    def state(self):
        return [(user, name, self.server.messages(name, user))
                for user in (USER, OTHER) for name in sorted(self.server.mailboxes(user))]

    def test_two_way(self):
        server = self.server
        server.import_sample("Inbox")
        for name in ("Work/\u00dcbung", "My Lists"):
            server.append(name, *HARD, flags="\\Flagged harvest")
        before = server.messages("Inbox")
        self.sync()
        self.assert_alike()
        # Nothing has changed but what the server itself says of junk, for mail that is put into a mailbox.
        self.assertEqual([(m.uid, m.content, m.flags - JUNK) for m in server.messages("Inbox")],
                         [(m.uid, m.content, m.flags - JUNK) for m in before])

        here = {message.subject: message.uid for message in server.messages("My Lists")}
        there = {message.subject: message.uid for message in server.messages("My Lists", OTHER)}
        server.expunge("My Lists", [here["latin"], here["dots"]])
        server.store("My Lists", [here["long"]], "+FLAGS", "\\Seen boats")
        server.append("My Lists", mail("from here"))
        server.append("Here/New", *HARD)
        server.expunge("My Lists", [there["nothing"]], OTHER)
        server.store("My Lists", [there["open end"]], "-FLAGS", "\\Flagged harvest", OTHER)
        server.append("My Lists", mail("from there"), flags="to-do", user=OTHER)
        server.append("There/New", *HARD, user=OTHER)
        said = self.sync()
        self.assertRegex(said, r'SELECT "My Lists" \(QRESYNC ')
        self.assertRegex(said, r"local: S: \* VANISHED \(EARLIER\) ")
        self.assertRegex(said, r"remote: S: \* VANISHED \(EARLIER\) ")
        self.assert_alike()
        subjects = {message.subject for message in server.messages("My Lists")}
        self.assertEqual(subjects, set(here) - {"latin", "dots", "nothing"} | {"from here", "from there"})

        before = self.state()
        self.sync()
        self.assertEqual(self.state(), before)

    def test_watch(self):
        """What happens while it runs, it hears of in IDLE."""
        self.server.append("Inbox", mail("one"), mail("two"))
        self.sync()  # its database must be there

        def subjects(user):
            return sorted(message.subject for message in self.server.messages("Inbox", user))

        with self.running("interimap", "--watch=1"):
            self.server.append("Inbox", mail("from here"))
            self.server.append("Inbox", mail("from there"), user=OTHER)
            self.server.expunge("Inbox", [self.server.messages("Inbox")[0].uid])
            expected = ["from here", "from there", "two"]
            wait_until(lambda: subjects(USER) == subjects(OTHER) == expected,
                       lambda: (subjects(USER), subjects(OTHER)))
        self.assert_alike()


if __name__ == "__main__":
    fixture.main()
