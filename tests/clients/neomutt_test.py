"""neomutt, with somebody at the keyboard: it runs in a terminal of tmux, whose screen is looked at."""

import email
import email.policy

import fixture
from fixture import HARD, PASSWORD, USER, mail, run, wait_until

CONFIG = """
set imap_user = "{user}"
set imap_pass = "{password}"
set folder = "imaps://localhost:{port}/"
set spool_file = "+Inbox"
set certificate_file = "{certificate}"
set header_cache = "{home}/cache/"
set imap_condstore = yes
set imap_qresync = yes
set imap_check_subscribed = yes
set sort = mailbox-order
set index_format = "%C [%Z] <%g> %s"
set pager_stop = yes
set delete = yes
set quit = yes
set move = no
set confirm_append = no
set wait_key = no
set mark_old = no
set sleep_time = 0
set resolve = no
set mail_check = 1
set timeout = 1
set imap_idle = {idle}
set record = "=Sent"
set postponed = "=Drafts"
set copy = yes
set postpone = yes
set sendmail = "/bin/true"
set editor = "{home}/editor"
set edit_headers = no
set text_flowed = no
set from = "bob@example.net"
set realname = "Bob"
set hostname = "example.net"
bind index Z modify-tags
bind editor <space> noop
"""


class Terminal:
    """A terminal of a tmux server of its own."""

    def __init__(self, test, *words):
        self.tmux = ["tmux", "-u", "-f", "/dev/null", "-S", test.home / "tmux"]
        self.environment = test.environment
        self.run("new-session", "-d", "-s", "mail", "-x", "100", "-y", "40", "-c", test.home, *words)
        test.addCleanup(self.run, "kill-server", check=False)

    def run(self, *words, check=True):
        return run([*self.tmux, *words], env=self.environment, check=check).stdout

    def screen(self):
        return self.run("capture-pane", "-p", "-t", "mail")

    def type(self, text):
        self.run("send-keys", "-t", "mail", "-l", text)

    def press(self, *keys):
        self.run("send-keys", "-t", "mail", *keys)

    def wait_for(self, *texts):
        """Until all of the texts are on the screen, which is returned."""
        def found():
            screen = self.screen()
            return screen if all(text in screen for text in texts) else None
        return wait_until(found, lambda: f"{texts} on the screen:\n{self.screen()}")

    def wait_until_gone(self, text):
        wait_until(lambda: text not in self.screen(), lambda: f"no {text} on the screen:\n{self.screen()}")

    def answer(self, prompt, text):
        """Types over whatever the prompt proposes."""
        self.wait_for(prompt)
        self.press("C-a", "C-k")
        self.type(text)
        self.press("Enter")

    def has_ended(self):
        return "mail" not in self.run("list-sessions", check=False)


class Neomutt(fixture.ClientTest):
    def start(self, idle="no"):
        self.write("neomuttrc", CONFIG.format(
            idle=idle, user=USER, password=PASSWORD, port=self.server.tls_port, home=self.home,
            certificate=self.server.certificate))
        (self.home / "cache").mkdir(exist_ok=True)
        return Terminal(self, "neomutt", "-n", "-F", self.home / "neomuttrc", "-d", "3", "-l", self.home / "debug")

    def debug(self):
        return (self.home / "debug0").read_text(errors="replace")

    def message(self, mailbox, subject):
        return next((message for message in self.server.messages(mailbox) if message.subject == subject), None)

    def wait_for_flags(self, mailbox, subject, flags):
        def matches():
            message = self.message(mailbox, subject)
            return message and message.flags - {"$NotJunk"} == flags
        wait_until(matches, lambda: f"{flags}, not {self.message(mailbox, subject)}")

    def test_session(self):
        server = self.server
        for name in ("Work/\u00dcbung", "My Lists"):
            server.append(name, mail(f"only in {name.split('/')[0]}"))
        subjects = ["alpha", "beta", "gamma", "delta"]
        server.append("Inbox", *[mail(subject, f"The body of {subject}.\r\n") for subject in subjects], *HARD)

        terminal = self.start()
        terminal.wait_for("1 [", "alpha", "delta", "large")

        # Read.
        terminal.press("1", "Enter", "Enter")
        terminal.wait_for("The body of alpha.")
        terminal.type("i")
        terminal.wait_for("beta")
        # Flag, tag with a keyword, delete.
        terminal.press("2", "Enter")
        terminal.type("F")
        terminal.type("Z")
        terminal.answer("Tags", "harvest")
        terminal.press("3", "Enter")
        terminal.type("d")
        # Copy.
        terminal.press("4", "Enter")
        terminal.type("C")
        terminal.answer("to mailbox", "=My Lists")
        wait_until(lambda: self.message("My Lists", "delta"), terminal.screen)
        terminal.type("$")
        terminal.wait_until_gone("gamma")
        self.wait_for_flags("Inbox", "alpha", {"\\Seen"})
        self.wait_for_flags("Inbox", "beta", {"\\Flagged", "harvest"})
        self.assertIsNone(self.message("Inbox", "gamma"))
        self.assertEqual(self.message("My Lists", "delta").content, mail("delta", "The body of delta.\r\n"))
        terminal.wait_for("<harvest> beta")

        # What arrives meanwhile, is expunged, or flagged by others.
        server.append("Inbox", mail("epsilon"))
        terminal.wait_for("epsilon")
        server.expunge("Inbox", [self.message("Inbox", "dots").uid])
        terminal.wait_until_gone("dots")

        # The server searches bodies.
        terminal.type("l")
        terminal.answer("Limit to messages matching", "=b 'body of beta'")
        terminal.wait_until_gone("alpha")
        terminal.wait_for("beta")
        terminal.type("l")
        terminal.answer("Limit to messages matching", "all")
        terminal.wait_for("alpha")

        # Another mailbox, with a name that is not ASCII.
        terminal.type("c")
        terminal.answer("Open mailbox", "=Work/\u00dcbung")
        terminal.wait_for("only in Work")
        terminal.type("q")
        wait_until(terminal.has_ended, terminal.screen)

        # Again: what it knows is in its cache, what has changed comes by QRESYNC.
        server.expunge("Inbox", [self.message("Inbox", "beta").uid])
        server.store("Inbox", [self.message("Inbox", "delta").uid], "+FLAGS", "\\Seen boats")
        server.append("Inbox", mail("zeta"))
        terminal = self.start(idle="yes")
        screen = terminal.wait_for("alpha", "delta", "epsilon", "zeta", "<boats> delta")
        self.assertNotIn("beta", screen)
        self.assertNotIn("gamma", screen)
        server.append("Inbox", mail("theta"))
        terminal.wait_for("theta")
        terminal.type("q")
        wait_until(terminal.has_ended, terminal.screen)
        # What the client asked, and that it was told of expunged messages.
        self.assertRegex(self.debug(), r"UID FETCH 1:\d+ \(FLAGS\) \(CHANGEDSINCE \d+ VANISHED\)")
        self.assertIn("Handling VANISHED", self.debug())
        self.assertRegex(self.debug(), r"(?m)a\d+ IDLE$")

    def test_mailboxes_and_writing(self):
        server = self.server
        subjects = [f"message {number}" for number in range(6)]
        server.append("Inbox", *[mail(subject) for subject in subjects])
        self.write("editor", "#!/bin/sh\necho 'Gr\u00fc\u00dfe from the editor' >>\"$1\"\n").chmod(0o700)
        terminal = self.start()
        terminal.wait_for("message 0", "message 5")

        # Saving moves; tagged messages together.
        terminal.press("1", "Enter")
        terminal.type("s")
        terminal.answer("Save to mailbox", "=Archive")
        terminal.wait_for("Del:1")
        terminal.type("T")
        terminal.answer("Tag messages matching", "~s 'message [34]'")
        terminal.type(";s")
        terminal.answer("Save tagged to mailbox", "=Archive")
        terminal.wait_for("Del:3")
        terminal.type("$")
        wait_until(lambda: len(server.messages("Inbox")) == 3, terminal.screen)
        self.assertEqual([message.subject for message in server.messages("Archive")],
                         ["message 0", "message 3", "message 4"])
        self.assert_on_server("Archive", [mail(subjects[number]) for number in (0, 3, 4)])

        # A draft, taken up again and sent: a copy in Sent, nothing left in Drafts.
        terminal.type("m")
        terminal.answer("To:", "ann@example.org")
        terminal.answer("Subject:", "gr\u00fcn \u0416")
        terminal.wait_for("-- Attachments")
        terminal.type("P")
        draft = wait_until(lambda: server.messages("Drafts"), terminal.screen)[0]
        self.assertIn("\\Draft", draft.flags)
        terminal.wait_for("message 5")
        terminal.type("m")
        terminal.wait_for("Recall postponed message?")
        terminal.press("Enter")
        terminal.wait_for("-- Attachments")
        terminal.type("y")
        sent = wait_until(lambda: server.messages("Sent"), terminal.screen)[0]
        self.assertIn("\\Seen", sent.flags)
        parsed = email.message_from_bytes(sent.content, policy=email.policy.default)
        self.assertEqual(parsed["Subject"], "gr\u00fcn \u0416")
        self.assertIn("Gr\u00fc\u00dfe from the editor", parsed.get_content())
        wait_until(lambda: not server.messages("Drafts"), terminal.screen)

        # Mailboxes are made, renamed and deleted.
        terminal.type("c")
        terminal.wait_for("Open mailbox")
        terminal.type("?")
        terminal.wait_for("Archive", "Drafts")
        terminal.press("Tab")
        terminal.wait_for("Directory")
        terminal.type("C")
        terminal.answer("Create mailbox", "New \u00dcbung")
        wait_until(lambda: "New \u00dcbung" in server.mailboxes(), terminal.screen)
        terminal.wait_for("New \u00dcbung")
        terminal.type("/")
        terminal.answer("Search for", "New")
        terminal.type("r")
        terminal.answer("Rename mailbox", "Old \u0416")
        wait_until(lambda: "Old \u0416" in server.mailboxes(), terminal.screen)
        self.assertNotIn("New \u00dcbung", server.mailboxes())
        terminal.wait_for("Old \u0416")
        terminal.type("/")
        terminal.answer("Search for", "Old")
        terminal.type("d")
        terminal.wait_for("Really delete mailbox")
        terminal.type("y")
        wait_until(lambda: "Old \u0416" not in server.mailboxes(), terminal.screen)


if __name__ == "__main__":
    fixture.main()
