"""What the tests of real IMAP clients share: a server of its own for each test, mail to begin with, what the server
holds afterwards, and running a client with a bound on its time.

A test program is run as: NAME_test.py SOURCE_DIRECTORY BUILD_DIRECTORY
"""

import base64
import contextlib
import email
import imaplib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
USER, PASSWORD = "mox@localhost", "moxmoxmox"
SAMPLE = SOURCE / "testdata" / "mail" / "sample.maildir"


def mail(subject, body="A line.\r\n", extra=""):
    """A message with CRLF line ends. Its bytes differ from those of every other subject."""
    head = f"From: Ann <ann@example.org>\r\nTo: Bob <bob@example.net>\r\nSubject: {subject}\r\n{extra}\r\n"
    return head.encode() + (body if isinstance(body, bytes) else body.encode())


# What could be changed on the way: bytes above 127 in two charsets, long lines, dots, From at the beginning of a line,
# a body without a final line end, one without a body, and one that takes several packets.
IN_UTF8 = "Content-Type: text/plain; charset=utf-8\r\n"
IN_LATIN1 = "Content-Type: text/plain; charset=iso-8859-1\r\n"
HARD = [
    mail("gr\u00fc\u00df dich", "Gr\u00fc\u00dfe aus der M\u00fchle\r\n", IN_UTF8),
    mail("latin", "caf\u00e9\r\n".encode("latin-1"), IN_LATIN1),
    mail("long", "x" * 20_000 + "\r\n"),
    mail("dots", ".\r\n..\r\nFrom the start\r\n>From\r\n\r\n\r\n"),
    mail("open end", "no line end"),
    mail("nothing", ""),
    mail("large", "".join(f"{n:070} {n * n}\r\n" for n in range(4000))),
]


def subject_of(content):
    found = re.search(rb"^Subject: (.*?)\r?$", content, re.M)
    return found[1].decode(errors="replace") if found else ""


def name_of(content):
    """Short, and different for different messages."""
    return f"{subject_of(content)} {sha256(content).hexdigest()}"


def crlf(content):
    return re.sub(rb"\r*\n", b"\r\n", content)


def lf(content):
    return content.replace(b"\r\n", b"\n")


def survives_python(content):
    """Whether clients that parse messages by Python's email package and write them anew leave this one as it is."""
    return email.message_from_bytes(crlf(content)).as_bytes() == lf(content)


@dataclass(frozen=True)
class Message:
    uid: int
    flags: frozenset  # without \\Recent
    content: bytes
    date: str

    @property
    def subject(self):
        return subject_of(self.content)


def run(words, timeout=60, check=True, **options):
    """Runs a client to its end; its output is in the failure."""
    done = subprocess.run(
        [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=timeout, **options)
    done.stdout = done.stdout.decode(errors="replace")
    if check and done.returncode != 0:
        raise AssertionError(f"{words[0]} ended with {done.returncode}:\n{done.stdout}")
    return done


def wait_until(condition, what, seconds=60):
    """The first true answer of `condition`, asked again and again."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for: {what() if callable(what) else what}")
        time.sleep(0.02)


def free_port_offset():
    """What to add to the usual ports of IMAP so that both are free."""
    while True:
        with socket.socket() as any_port, socket.socket() as second:
            any_port.bind(("127.0.0.1", 0))
            offset = any_port.getsockname()[1] - 143
            if not 2000 < offset < 60_000:
                continue
            try:
                second.bind(("127.0.0.1", 993 + offset))
            except OSError:
                continue
            return offset


class Server:
    """`mox localserve` in a folder of its own on free ports of the loopback."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = folder / "try" / "config" / "localhost.crt"
        self.data = folder / "try" / "data"
        self.eyes = {}
        while not self.start():
            shutil.rmtree(folder / "try")

    def start(self):
        """False when somebody else has taken one of the ports meanwhile."""
        offset = free_port_offset()
        self.port, self.tls_port = 143 + offset, 993 + offset
        command = [BUILD / "bin" / "mox", "localserve", "--dir", self.folder / "try", "--ip", "127.0.0.1"]
        # Whoever gives up root cannot be looked into, which the leak check would want.
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([*command, "--port-offset", str(offset)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=environment)
        try:
            wait_until(lambda: "ready to serve" in self.log() or self.process.poll() is not None, self.log)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        if self.process.poll() is None:
            return True
        if "address already in use" not in self.log():
            raise AssertionError(f"the server ended:\n{self.log()}")
        return False

    def certificate_copy(self, folder):
        """For clients that run as a user who may not read the configuration."""
        copy = folder / "localhost.crt"
        shutil.copyfile(self.certificate, copy)
        copy.chmod(0o644)
        return copy

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def last_login(self):
        """The mechanism of the last one that went well; the command LOGIN is "login", a mechanism has capitals."""
        return re.findall(r" m=login .*mechanism=(\S+)", self.log())[-1]

    def stop(self):
        """Ends the server; it must do so in order, and leave a directory that is whole."""
        for eye in self.eyes.values():
            eye.shutdown()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        log = self.log()
        assert status == 0 and "Sanitizer: " not in log and "runtime error: " not in log, f"server: {status}\n{log}"
        assert "l=error" not in log, log
        run([BUILD / "bin" / "mox-verifydata", "-q", "--read-data", self.data], timeout=60)

    def add_account(self, name):
        """NAME@localhost, with the same password and, as the first one, without automatic junk flags."""
        config = self.folder / "try" / "config" / "mox.conf"
        run([BUILD / "bin" / "mox", "account", "add", name, f"{name}@localhost", "-c", config])
        domains = config.with_name("domains.conf")
        text = domains.read_text()
        assert text.count("Enabled: true") == 1, text
        domains.write_text(text.replace("Enabled: true", "Enabled: false"))
        run([BUILD / "bin" / "mox", "address", "add", f"{name}.too@localhost", name, "-c", config])  # reloads
        subprocess.run([BUILD / "bin" / "mox", "setaccountpassword", name, "-c", config], check=True, timeout=20,
                       input=PASSWORD.encode() + b"\n", stdout=subprocess.DEVNULL)

    def import_sample(self, mailbox):
        """testdata/mail into `mailbox`, beside the running server."""
        command = [BUILD / "bin" / "mox-import", "-q", "--data-dir", self.data]
        done = run([*command, "maildir", "mox", mailbox, SAMPLE], check=False, timeout=60)
        assert done.returncode == 0, done.stdout

    def log_in(self, user=USER):
        """A client to prepare with and to look with: Python's, in plain text."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        ok(client.login(user, PASSWORD))
        return client

    def append(self, mailbox, *contents, flags="", user=USER):
        with self.log_in(user) as client:
            if mailbox not in self.mailboxes(user):
                ok(client.create(quoted(mailbox)))
            for content in contents:
                ok(client.append(quoted(mailbox), f"({flags})", None, content))

    def store(self, mailbox, uids, change, flags, user=USER):
        with self.log_in(user) as client:
            ok(client.select(quoted(mailbox)))
            ok(client.uid("STORE", ",".join(map(str, uids)), change, f"({flags})"))

    def expunge(self, mailbox, uids, user=USER):
        with self.log_in(user) as client:
            ok(client.select(quoted(mailbox)))
            uid_set = ",".join(map(str, uids))
            ok(client.uid("STORE", uid_set, "+FLAGS.SILENT", "(\\Deleted)"))
            ok(client.uid("EXPUNGE", uid_set))

    def look(self, user):
        """The connection that looks at what is there: one for all, as a network may only make so many in a minute."""
        if user not in self.eyes:
            self.eyes[user] = self.log_in(user)
        return self.eyes[user]

    def mailboxes(self, user=USER):
        lines = [line for line in ok(self.look(user).list()) if line is not None]
        # Names with a literal come as a pair; none of these tests has one.
        return {unquoted(re.fullmatch(rb'\([^)]*\) "/" (.*)', line)[1]) for line in lines}

    def messages(self, mailbox, user=USER):
        """All messages in the order of their UIDs."""
        client = self.look(user)
        ok(client.select(quoted(mailbox), readonly=True))
        pairs = ok(client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])"))
        ok(client.unselect())
        found = []
        for pair, end in zip(pairs, [*pairs[1:], None]):
            if not isinstance(pair, tuple):
                continue
            # What comes behind the literal is an element of its own.
            items = (pair[0] + (end if isinstance(end, bytes) else b"")).decode()
            flags = re.search(r"FLAGS \(([^)]*)\)", items)[1].split()
            date = re.search(r'INTERNALDATE "([^"]*)"', items)[1]
            uid = int(re.search(r"UID (\d+)", items)[1])
            found.append(Message(uid, frozenset(flags) - {"\\Recent"}, pair[1], date))
        return sorted(found, key=lambda message: message.uid)


def ok(answer):
    """What an imaplib call returned, which must have gone well."""
    if answer[0] not in ("OK", "BYE"):
        raise AssertionError(answer)
    return answer[1]


def modified_utf7(name):
    """RFC 3501 section 5.1.3."""
    def encode(run):
        text = run[0].encode("utf-16-be")
        return "&" + base64.b64encode(text).decode().rstrip("=").replace("/", ",") + "-"
    return re.sub(r"[^\x20-\x7e]+", encode, name.replace("&", "&-"))


def from_modified_utf7(text):
    def decode(run):
        if not run[1]:
            return "&"
        padded = run[1].replace(",", "/") + "=" * (-len(run[1]) % 4)
        return base64.b64decode(padded).decode("utf-16-be")
    return re.sub(r"&([^-]*)-", decode, text)


def quoted(mailbox):
    return '"' + modified_utf7(mailbox).replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(word):
    text = word.decode()
    if text.startswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return from_modified_utf7(text)


class ClientTest(unittest.TestCase):
    """Starts the server, gives the client a home, and looks at the whole directory at the end."""

    maxDiff = 20000

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="moxclient-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)  # root's server is another user
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700)
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm",
                            "TMPDIR": str(self.home)}
        self.server = Server(self.folder)
        self.addCleanup(self.server.stop)

    def write(self, name, text):
        """A file in the client's home that only its user can read."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def client(self, *words, **options):
        return run(words, env=self.environment, cwd=self.home, **options)

    @contextlib.contextmanager
    def running(self, *words, end=signal.SIGKILL, **options):
        """A client that runs as long as the body. Its output goes to the file `running`, and into a failure."""
        with open(self.home / "running", "wb") as log:
            process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, env=self.environment, cwd=self.home, **options)
        try:
            yield
        except AssertionError as failure:
            output = (self.home / "running").read_text(errors="replace")
            raise AssertionError(f"{failure}\n{words[0]} said:\n{output}") from failure
        finally:
            process.send_signal(end)
            try:
                process.wait(20)
            finally:
                process.kill()
                process.wait()

    def assert_same_messages(self, contents, expected):
        """Both are iterables of bytes; their order does not matter, how often each is there does."""
        self.assertEqual(Counter(map(name_of, contents)), Counter(map(name_of, expected)))

    def assert_on_server(self, mailbox, expected):
        self.assert_same_messages((message.content for message in self.server.messages(mailbox)), expected)


def main():
    del sys.argv[1:3]
    unittest.main()
