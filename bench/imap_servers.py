"""Servers of IMAP to be measured, private ones on the loopback with the same mail: ours, and Dovecot (Debian package
dovecot-imapd) with a maildir, set up as its manual advises for speed. Both find the corpus in the mailbox Bench of USER
and serve LOAD_CLIENTS more users, each with an Inbox of its own."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from measure import BenchError, execute

USER, PASSWORD = "mox@localhost", "moxmoxmox"
LOAD_USER, LOAD_CLIENTS = "load%@localhost", 20

DOVECOT = """base_dir = {home}/run
log_path = {home}/log
listen = 127.0.0.1
protocols = imap
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail/%u
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 0
first_valid_gid = 0
mail_max_userip_connections = 100
mail_fsync = {fsync}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/homes/%u
}}
# One process for many logins, and two that wait for them.
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
  service_count = 0
  process_min_avail = 2
}}
# Processes that serve one session after another.
service imap {{
  service_count = 1000
  process_min_avail = 2
}}
"""


def status_bytes(process, name):
    """A figure of /proc/PID/status: VmRSS, VmHWM."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise BenchError(f"no {name}")


def wait_for_port(port, process, log):
    for _ in range(1500):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise BenchError(f"the server does not listen: {Path(log).read_text()[-2000:]}")


def free_port():
    """One that nobody listens on, with the one of IMAPS beside it."""
    for port in range(21_143, 30_000, 10):
        try:
            for number in (port, port + 993 - 143):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port
        except OSError:
            pass
    raise BenchError("no free port")


class Server:
    """One that `command()` starts, and SIGTERM stops."""

    def __init__(self, bench, directory):
        self.bench, self.directory, self.port, self.process = bench, directory, free_port(), None
        for folder in (directory, *directory.parents):  # it is not root who serves
            if not folder.stat().st_mode & 0o001:
                folder.chmod(folder.stat().st_mode | 0o011)

    def start(self):
        log = self.directory / "output"
        with open(log, "a") as out:
            self.process = subprocess.Popen(list(map(str, self.command())), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        wait_for_port(self.port, self.process, log)

    def stop(self):
        if not self.process:
            return
        self.process.terminate()
        self.process.wait()
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def client(self, *operations, user=USER, mailbox="Bench"):
        """Milliseconds, bytes, answers and numbers found of each operation."""
        command = [self.bench.program("imap_client"), self.port, user, PASSWORD, mailbox, *operations]
        rows = []
        for line in execute(command).output.splitlines():
            milliseconds, _, received, answers, found = line.split(maxsplit=5)[:5]
            rows.append((float(milliseconds), int(received), int(answers), int(found)))
        if len(rows) != len(operations):
            raise BenchError("the client did not do everything")
        return rows


class Mox(Server):
    name = "mox"

    def command(self):
        return [self.bench.program("mox"), "localserve", "--dir", self.directory / "site", "--ip", "127.0.0.1", "-q",
                "--port-offset", self.port - 143]

    def set_up(self):
        self.start()
        config = self.directory / "site" / "config" / "mox.conf"
        for number in range(LOAD_CLIENTS):
            user = LOAD_USER.replace("%", str(number))
            execute([self.bench.program("mox"), "account", "-q", "-c", config, "add", user.partition("@")[0], user])
            subprocess.run([self.bench.program("mox"), "setaccountpassword", "-q", "-c", config, user.partition("@")[0]],
                           input=PASSWORD + "\n", text=True, check=True)
        self.stop()
        execute([self.bench.program("mox-import"), "-q", "--data-dir", self.directory / "site" / "data", "mbox", "mox",
                 "Bench", self.bench.corpus()])
        self.start()


class Dovecot(Server):
    name = "dovecot"

    def command(self):
        return ["dovecot", "-F", "-c", self.directory / "dovecot.conf"]

    def configure(self, fsync="optimized"):
        """`optimized`, its default, syncs a new message, but neither its name nor the index; `always` does."""
        (self.directory / "dovecot.conf").write_text(
            DOVECOT.format(home=self.directory, port=self.port, password=PASSWORD, fsync=fsync))

    def set_up(self):
        for folder in ("run", "mail", "homes"):
            (self.directory / folder).mkdir()
            shutil.chown(self.directory / folder, "nobody", "nogroup")
        self.configure()
        self.start()
        source = self.directory / "source"
        source.mkdir()
        (source / "Bench").symlink_to(self.bench.corpus().resolve())
        execute(["doveadm", "-c", self.directory / "dovecot.conf", "import", "-u", USER, f"mbox:{source}:INDEX=MEMORY", "",
                 "all"])
        self.restart()

    def forget(self):
        """Removes what it has remembered of contents, as if nothing had been asked since the import."""
        for file in (self.directory / "mail" / USER / ".Bench").glob("dovecot.index.cache*"):
            file.unlink()


def dovecot_is_there(bench):
    if shutil.which("dovecot") and os.geteuid() == 0 and Path("/usr/lib/dovecot/imap").exists():
        return True
    bench.say("  dovecot-imapd is not installed, or this is not root")
    return False
