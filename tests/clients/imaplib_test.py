"""Python's imaplib: what its calls send, and what it makes of the answers."""

import imaplib
import re
import ssl

import fixture
from fixture import BUILD, HARD, IN_LATIN1, IN_UTF8, PASSWORD, USER, mail, ok, quoted, run

PARENT = "Message-ID: <one@example.org>\r\n"
CHILD = "Message-ID: <two@example.org>\r\nIn-Reply-To: <one@example.org>\r\nReferences: <one@example.org>\r\n"


class Imaplib(fixture.ClientTest):
    def tls(self):
        context = ssl.create_default_context(cafile=self.server.certificate)
        return imaplib.IMAP4_SSL("localhost", self.server.tls_port, ssl_context=context, timeout=20)

    def log_in(self):
        client = self.server.log_in()
        self.addCleanup(client.logout)
        return client

    def test_ways_in(self):
        context = ssl.create_default_context(cafile=self.server.certificate)
        with imaplib.IMAP4("localhost", self.server.port) as client:
            self.assertIn("STARTTLS", client.capabilities)
            ok(client.starttls(context))
            self.assertNotIn("STARTTLS", client.capabilities)
            ok(client.login_cram_md5(USER, PASSWORD))
            ok(client.noop())
        with self.tls() as client:
            ok(client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode()))
        with self.tls() as client:
            answers = iter([USER.encode(), PASSWORD.encode()])
            ok(client.authenticate("LOGIN", lambda _: next(answers)))
        with self.tls() as client:
            # A password refused, a mechanism that is not there, one given up; then the right one.
            with self.assertRaisesRegex(imaplib.IMAP4.error, r"\[AUTHENTICATIONFAILED\]"):
                client.login(USER, "wrong")
            with self.assertRaises(imaplib.IMAP4.error):
                client.authenticate("XOAUTH2", lambda _: b"")
            with self.assertRaises(imaplib.IMAP4.error):
                client.authenticate("PLAIN", lambda _: None)
            ok(client.login(USER, PASSWORD))

    def test_mailboxes(self):
        client = self.log_in()
        for name in ("Work/\u00dcbung", "My Lists", 'quote " and \\', "A & B", "50% *"):
            ok(client.create(quoted(name)))
            self.assertIn(name, self.server.mailboxes())
        self.assertEqual(ok(client.namespace()), [b'(("" "/")) NIL NIL'])
        self.assertEqual(ok(client.list('""', '"Work/%"')), [b'(\\HasNoChildren) "/" Work/&ANw-bung'])
        self.assertEqual(ok(client.list()).count(b'(\\HasNoChildren) "/" "A &- B"'), 1)
        ok(client.unsubscribe(quoted("My Lists")))
        subscribed = {fixture.unquoted(line.split(b'"/" ')[1]) for line in ok(client.lsub())}
        self.assertEqual(subscribed, {"Inbox", "Archive", "Drafts", "Junk", "Sent", "Trash"} & self.server.mailboxes())
        ok(client.subscribe(quoted("My Lists")))
        self.assertIn(b'"My Lists"', b" ".join(ok(client.lsub())))
        ok(client.rename("Work", "Play"))
        self.assertIn("Play/\u00dcbung", self.server.mailboxes())
        self.assertEqual(client.delete("Play")[0], "NO")  # something is below it
        ok(client.delete(quoted("Play/\u00dcbung")))
        ok(client.delete("Play"))
        self.assertEqual(client.select("Play")[0], "NO")
        self.assertEqual(client.status("Play", "(MESSAGES)")[0], "NO")
        self.assertEqual(client.append("Play", None, None, mail("lost"))[0], "NO")
        # What is not there is told in a way that it understands.
        for call in (client.getquotaroot, client.getacl, client.getquota):
            with self.assertRaisesRegex(imaplib.IMAP4.error, "BAD"):
                call("Inbox")
        ok(client.noop())

    def test_messages(self):
        client = self.log_in()
        ok(client.create("Work"))
        date = imaplib.Time2Internaldate(1_700_000_000)
        for content in HARD:
            answer = ok(client.append("Work", "(\\Flagged custom)", date, content))
            self.assertRegex(answer[0], rb"^\[APPENDUID \d+ \d+\] ")
        self.assertEqual(ok(client.select("Work")), [str(len(HARD)).encode()])
        for number, content in enumerate(HARD, 1):
            answer = ok(client.fetch(str(number), "(INTERNALDATE RFC822.SIZE RFC822)"))
            self.assertEqual(answer[0][1], content)
            self.assertIn(f"RFC822.SIZE {len(content)} ".encode(), answer[0][0])
            self.assertEqual(imaplib.Internaldate2tuple(answer[0][0]), imaplib.Internaldate2tuple(
                b"INTERNALDATE " + date.encode()))
        self.assertEqual(ok(client.fetch("7", "(BODY.PEEK[]<1000.2000>)"))[0][1], HARD[6][1000:3000])
        self.assertEqual(imaplib.ParseFlags(ok(client.fetch("1", "(FLAGS)"))[0]),
                         (b"\\Recent", b"\\Seen", b"\\Flagged", b"custom"))
        self.assertEqual(ok(client.store("2", "-FLAGS.SILENT", "(custom \\Flagged)")), [None])
        self.assertIn(b"kw2", ok(client.store("1:2", "+FLAGS", "(\\Deleted kw2)"))[1])
        self.assertEqual(ok(client.search(None, "KEYWORD", "kw2", "UNKEYWORD", "custom")), [b"2"])
        self.assertRegex(ok(client.copy("1:2", "Archive"))[0], rb"^\[COPYUID \d+ 1:2 1:2\]")
        self.assert_on_server("Archive", HARD[:2])
        self.assertEqual(ok(client.expunge()), [b"1", b"1"])
        ok(client.uid("MOVE", "3,5", "Trash"))
        self.assert_on_server("Trash", [HARD[2], HARD[4]])
        self.assertEqual(ok(client.uid("SEARCH", "ALL")), [b"4 6 7"])
        ok(client.store("1", "+FLAGS", "\\Deleted"))
        ok(client.close())
        self.assert_on_server("Work", HARD[5:])
        ok(client.select("Work", readonly=True))
        self.assertEqual(client.store("1", "+FLAGS", "\\Deleted")[0], "NO")
        ok(client.unselect())
        self.assertEqual(ok(client.status("Work", "(MESSAGES UIDNEXT UNSEEN)")),
                         [f"Work (MESSAGES 2 UIDNEXT {len(HARD) + 1} UNSEEN 0)".encode()])

    def test_searching(self):
        client = self.log_in()
        contents = [
            mail("Zebra", extra=PARENT),
            mail("Re: Zebra", extra=CHILD),
            mail("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Br\u00fccke \u0416\r\n", IN_UTF8),
            mail("apple", "caf\u00e9\r\n".encode("latin-1"), IN_LATIN1),
        ]
        for number, content in enumerate(contents):
            ok(client.append("Inbox", None, imaplib.Time2Internaldate(1_700_000_000 + number), content))
        ok(client.select("Inbox"))

        def search(charset, *keys, literal=None):
            if literal is not None:
                client.literal = literal
            return ok(client.search(charset, *keys))[0].split()

        self.assertEqual(search(None, "SUBJECT", "zebra"), [b"1", b"2"])
        self.assertEqual(search("UTF-8", "SUBJECT", literal="GR\u00dc\u00dfE".encode()), [b"3"])
        self.assertEqual(search("UTF-8", "BODY", literal="caf\u00e9".encode()), [b"4"])
        self.assertEqual(search("UTF-8", "TEXT", literal="\u0436".encode()), [b"3"])
        refused = client.search("ISO-8859-1", "SUBJECT", "zebra")
        self.assertEqual(refused[0], "NO")
        self.assertIn(b"[BADCHARSET (US-ASCII UTF-8)]", refused[1][0])
        self.assertEqual(ok(client.sort("(SUBJECT)", "UTF-8", "ALL")), [b"4 3 1 2"])
        self.assertEqual(ok(client.sort("(REVERSE ARRIVAL)", "US-ASCII", "NOT", "SUBJECT", "apple")), [b"3 2 1"])
        self.assertEqual(ok(client.uid("SORT", "(SIZE)", "UTF-8", "UID 1:2")), [b"1 2"])
        threads = ok(client.thread("REFERENCES", "UTF-8", "ALL"))[0]
        self.assertEqual(sorted(re.findall(rb"\([^()]*\)", threads)), [b"(1 2)", b"(3)", b"(4)"])
        self.assertEqual(ok(client.uid("THREAD", "ORDEREDSUBJECT", "UTF-8", "SUBJECT zebra")), [b"(1 2)"])

    def test_utf8(self):
        client = self.log_in()
        ok(client.enable("UTF8=ACCEPT"))
        self.assertEqual(client.response("ENABLED"), ("ENABLED", [b"UTF8=ACCEPT"]))
        name = '"\u00dcbung \u0416"'
        ok(client.create(name))
        self.assertIn(f'(\\HasNoChildren) "/" {name}'.encode(), ok(client.list()))
        ok(client.select(name))
        # Its append() puts the word UTF8 into the message itself, so the command is made by hand.
        tag = client._new_tag()
        client.send(tag + f" APPEND {name} UTF8 (~{{{len(HARD[0])}}}\r\n".encode())
        self.assertTrue(client.readline().startswith(b"+"))
        client.send(HARD[0] + b")\r\n")
        self.assertEqual(client.readline(), b"* 1 EXISTS\r\n")
        while not (line := client.readline()).startswith(tag):
            self.assertTrue(line.startswith(b"* "), line)
        self.assertIn(b" OK ", line)
        self.assertEqual(ok(client.fetch("1", "(BODY.PEEK[])"))[0][1], HARD[0])
        self.assertIn("gr\u00fc\u00df dich".encode(), ok(client.fetch("1", "(ENVELOPE)"))[0])
        self.assertEqual(ok(client.search(None, 'SUBJECT "gr\u00fc\u00df"')), [b"1"])
        self.assertEqual(self.server.mailboxes() & {"\u00dcbung \u0416"}, {"\u00dcbung \u0416"})

    def test_news(self):
        client, other = self.log_in(), self.log_in()
        ok(client.select("Inbox"))
        ok(other.select("Inbox"))
        ok(other.append("Inbox", None, None, mail("one")))
        ok(other.append("Inbox", None, None, mail("two")))
        self.assertEqual(client.response("EXISTS"), ("EXISTS", [b"0"]))
        ok(client.noop())
        self.assertEqual(client.response("EXISTS"), ("EXISTS", [b"2"]))
        self.assertEqual(client.response("FETCH"), ("FETCH", [b"1 (UID 1 FLAGS ())", b"2 (UID 2 FLAGS ())"]))
        ok(other.noop())
        ok(other.store("1", "+FLAGS", "(\\Flagged later)"))
        ok(client.noop())
        self.assertIn(b"later", client.response("FLAGS")[1][-1])
        self.assertEqual(client.response("FETCH"), ("FETCH", [b"1 (UID 1 FLAGS (\\Flagged later))"]))
        ok(other.store("1", "+FLAGS", "\\Deleted"))
        ok(other.expunge())
        ok(client.check())
        self.assertEqual(client.response("EXPUNGE"), ("EXPUNGE", [b"1"]))
        self.assertEqual(client.recent()[1][-1], b"0")  # the other one was told before

    def test_idle(self):
        client, idle = self.log_in(), self.log_in()
        ok(idle.select("Inbox"))
        idle.send(b"i IDLE\r\n")
        self.assertTrue(idle.readline().startswith(b"+ "))
        ok(client.append("Inbox", None, None, mail("one")))
        self.assertEqual(idle.readline(), b"* 1 EXISTS\r\n")
        self.assertEqual(idle.readline(), b"* 1 RECENT\r\n")
        self.assertEqual(idle.readline(), b"* 1 FETCH (UID 1 FLAGS (\\Recent))\r\n")
        # Of what other processes do it hears as well.
        box = self.write("in.mbox", "From ann@example.org Thu Nov  5 10:00:00 2026\nSubject: imported\n\nhi\n")
        run([BUILD / "bin" / "mox-import", "-q", "--data-dir", self.server.data, "mbox", "mox", "Inbox", box])
        self.assertEqual(idle.readline(), b"* 2 EXISTS\r\n")
        self.assertEqual(idle.readline(), b"* 2 RECENT\r\n")
        self.assertEqual(idle.readline(), b"* 2 FETCH (UID 2 FLAGS (\\Recent))\r\n")
        idle.send(b"DONE\r\n")
        self.assertEqual(idle.readline(), b"i OK IDLE done\r\n")

    def test_slow_reader(self):
        """One that does not read its answer holds up nobody."""
        client, slow = self.log_in(), self.server.log_in()
        ok(client.append("Trash", None, None, HARD[6]))
        ok(slow.select("Trash"))
        for number in range(40):
            slow.send(b"f%d FETCH 1 BODY.PEEK[]\r\n" % number)
        ok(client.select("Trash"))
        self.assertEqual(ok(client.fetch("1", "(BODY.PEEK[])"))[0][1], HARD[6])
        slow.shutdown()


if __name__ == "__main__":
    fixture.main()
