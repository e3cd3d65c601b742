"""curl lists, fetches, searches, uploads, and sends commands of the user's."""

import fixture
from fixture import HARD, PASSWORD, USER, run

MIXED = (b"From: Ann <ann@example.org>\r\nSubject: parts\r\nMIME-Version: 1.0\r\n"
         b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nfirst part\r\n'
         b"--b\r\nContent-Type: text/csv\r\n\r\nsecond,part\r\n--b--\r\n")


class Curl(fixture.ClientTest):
    def curl(self, path, *words, tls=True, check=True):
        scheme, port = ("imaps", self.server.tls_port) if tls else ("imap", self.server.port)
        output = self.home / "output"
        output.write_bytes(b"")
        done = self.client("curl", "-sS", "--max-time", "50", "--cacert", self.server.certificate, "-u",
                           f"{USER}:{PASSWORD}", "-o", output, f"{scheme}://localhost:{port}/{path}", *words,
                           check=False)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout)
            return output.read_bytes()
        return done.returncode

    def test_reading(self):
        self.server.append("Work/Project", *HARD, MIXED)
        listed = self.curl("").decode().splitlines()
        self.assertIn('* LIST (\\HasChildren) "/" Work', listed)
        self.assertIn('* LIST (\\HasNoChildren) "/" Work/Project', listed)
        messages = self.server.messages("Work/Project")
        for message in messages:
            with self.subTest(message.subject):
                self.assertEqual(self.curl(f"Work%2FProject;UID={message.uid}"), message.content)
                self.assertEqual(self.curl(f"Work%2FProject;MAILINDEX={message.uid}", tls=False), message.content)
        mixed = f"Work%2FProject;UID={messages[-1].uid}"
        self.assertEqual(self.curl(f"{mixed};SECTION=1"), b"first part")
        self.assertEqual(self.curl(f"{mixed};SECTION=2"), b"second,part")
        self.assertEqual(self.curl(f"{mixed};SECTION=TEXT"), MIXED.partition(b"\r\n\r\n")[2])
        self.assertEqual(self.curl(f"{mixed};SECTION=HEADER.FIELDS%20(SUBJECT)"), b"Subject: parts\r\n\r\n")
        self.assertEqual(self.curl("Work%2FProject?SUBJECT%20dots"), b"* SEARCH 4\r\n")
        self.assertEqual(self.curl("Work%2FProject?NOT%20ALL"), b"* SEARCH\r\n")
        # The right UIDVALIDITY, and a wrong one.
        status = self.curl("", "-X", "STATUS Work/Project (UIDVALIDITY)").decode()
        validity = int(status.split()[-1].rstrip(")"))
        one = f"UID={messages[0].uid}"
        self.assertEqual(self.curl(f"Work%2FProject;UIDVALIDITY={validity};{one}"), messages[0].content)
        self.assertEqual(self.curl(f"Work%2FProject;UIDVALIDITY={validity + 1};{one}", check=False), 78)
        self.assertEqual(self.curl("Nowhere;UID=1", check=False), 67)

    def test_changing(self):
        for number, content in enumerate(HARD):
            path = self.home / "message"
            path.write_bytes(content)
            self.curl("Archive", "-T", path, tls=number % 2 == 0)
        self.assert_on_server("Archive", HARD)
        self.curl("", "-X", 'CREATE "My Lists"')
        self.curl("Archive", "-X", 'UID COPY 1:3 "My Lists"')
        self.assert_on_server("My Lists", HARD[:3])
        answer = self.curl("Archive", "-X", "UID STORE 1 +FLAGS (\\Deleted harvest)")
        self.assertIn(b"harvest", answer)
        self.assertIn(b"* 1 EXPUNGE", self.curl("Archive", "-X", "EXPUNGE"))
        self.assert_on_server("Archive", HARD[1:])
        moved = self.curl("Archive", "-X", "UID MOVE 2:3 Trash")
        self.assertEqual(moved.count(b" EXPUNGE\r\n"), 2)
        self.assert_on_server("Trash", HARD[1:3])
        self.assertNotEqual(self.curl("", "-X", "DELETE Nowhere", check=False), 0)

    def test_ways_in(self):
        self.assertIn(b'"/" Inbox', self.curl("", "--ssl-reqd", tls=False))
        for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
            with self.subTest(mechanism):
                self.assertIn(b'"/" Inbox', self.curl("", "--login-options", f"AUTH={mechanism}"))
                self.assertEqual(self.server.last_login(), mechanism)
        refused = run(["curl", "-sS", "--cacert", self.server.certificate, "-u", f"{USER}:wrong",
                       f"imaps://localhost:{self.server.tls_port}/"], check=False)
        self.assertEqual(refused.returncode, 67)
        unknown = run(["curl", "-sS", "-u", f"{USER}:{PASSWORD}", f"imaps://localhost:{self.server.tls_port}/"],
                      check=False)
        self.assertEqual(unknown.returncode, 60)


if __name__ == "__main__":
    fixture.main()
