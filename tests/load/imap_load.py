#!/usr/bin/python3
"""Clients of IMAP at work on a running server while mox-backup runs back to back.

Each client has two mailboxes of its own and does one thing after the other, so all states of the two are known: when each
was asked for, and when it was acknowledged. Every snapshot must verify with contents, and hold of each client a state that
was asked for before the backup ended, and none before the last one that was acknowledged when it began. The clients of an
account share its database, so the states of all of them in it are of one moment. Python's sqlite3 reads the snapshots.

usage: imap_load.py BIN [--seconds N] [--clients N] [--accounts N]

BIN has the programs. Prints the figures as a JSON object. Exit code 1, and the directory kept, when something is wrong.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib

PASSWORD = "moxmoxmox"
SEEN, FLAGGED, DELETED = 1, 4, 8
LEFT = 20  # messages of a client, about


class Wrong(Exception):
    pass


def run(*words, text=None):
    done = subprocess.run([str(word) for word in words], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Wrong(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def free_port_offset():
    while True:
        with socket.create_server(("127.0.0.1", 0)) as any_port:
            offset = any_port.getsockname()[1] - 143
        if not 2000 <= offset <= 60000:
            continue
        try:
            socket.create_server(("127.0.0.1", 993 + offset)).close()
            return offset
        except OSError:
            continue


class Server:
    def __init__(self, programs, place):
        self.programs, self.folder, self.offset = programs, place / "server", free_port_offset()
        self.log = open(place / "server.log", "wb")
        self.process = subprocess.Popen(
            [programs / "mox", "localserve", "--dir", self.folder, "--ip", "127.0.0.1", "--port-offset", str(self.offset)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        while b"ready to serve" not in (place / "server.log").read_bytes():
            if self.process.poll() is not None:
                raise Wrong("the server did not start: " + (place / "server.log").read_text())
            time.sleep(0.02)
        self.port, self.data, self.config = 143 + self.offset, self.folder / "data", self.folder / "config" / "mox.conf"

    def add_account(self, name):
        run(self.programs / "mox", "account", "add", name, name + "@localhost", "-c", self.config)
        run(self.programs / "mox", "setaccountpassword", name, "-c", self.config, text=PASSWORD + "\n")

    def stop(self):
        run(self.programs / "mox", "stop", "-c", self.config)
        if self.process.wait() != 0:
            raise Wrong(f"the server ended with {self.process.returncode}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Client(threading.Thread):
    """Its states are tuples (asked, acknowledged, state); a state is the set of (mailbox, UID, flags, keywords, sha256)."""

    def __init__(self, server, account, number, stop):
        super().__init__()
        self.account, self.number, self.stopping = account, number, stop
        self.random = random.Random(number)
        self.socket = socket.create_connection(("127.0.0.1", server.port), 60, (f"127.0.{8 * (number // 20)}.{number + 1}", 0))
        self.input, self.out, self.into, self.tags = b"", None, None, 0
        self.line()
        self.ask(f"LOGIN {account}@localhost {PASSWORD}")
        self.boxes = [f"c{number}/{half}" for half in ("one", "two")]
        for box in self.boxes:
            self.ask(f"CREATE {box}")
        self.selected = self.boxes[0]
        self.ask(f"SELECT {self.selected}")
        if number % 2 == 1:
            self.ask("COMPRESS DEFLATE")
            self.out, self.into = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
        self.messages = {box: {} for box in self.boxes}  # UID: (flags, keywords, sha256)
        self.states, self.failure = [(0, 0, frozenset())], None
        self.begun = self.done = 0  # changes
        self.counts = {"appended": 0, "flagged": 0, "copied": 0, "moved": 0, "expunged": 0}

    def line(self):
        while b"\r\n" not in self.input:
            data = self.socket.recv(65536)
            if not data:
                raise Wrong(f"client {self.number}: the connection ended")
            self.input += data if self.into is None else self.into.decompress(data)
        line, _, self.input = self.input.partition(b"\r\n")
        return line.decode()

    def ask(self, command):
        self.tags += 1
        data = f"t{self.tags} {command}\r\n".encode()
        self.socket.sendall(data if self.out is None else self.out.compress(data) + self.out.flush(zlib.Z_SYNC_FLUSH))
        lines = [self.line()]
        while not lines[-1].startswith(f"t{self.tags} "):
            lines.append(self.line())
        if not lines[-1].startswith(f"t{self.tags} OK "):
            raise Wrong(f"client {self.number}: {command[:200]}: {lines[-1]}")
        return lines

    def change(self, command, apply):
        """`apply` does to self.messages what the command's answer says."""
        self.begun += 1
        asked = time.monotonic()
        lines = self.ask(command)
        acknowledged = time.monotonic()
        apply(lines)
        self.states.append((asked, acknowledged, frozenset(
            (box, uid, *about) for box, messages in self.messages.items() for uid, about in messages.items())))
        self.done += 1

    def wait_for_changes(self):
        """Until all that was asked for before is in self.states."""
        begun = self.begun
        while self.is_alive() and self.done < begun:
            time.sleep(0.005)

    def run(self):
        try:
            while not self.stopping.is_set():
                self.step()
            self.ask("LOGOUT")
        except Exception as failure:  # whatever it is, the run has failed
            self.failure = f"client {self.number}: {failure!r}"
            self.done += 1

    def step(self):
        if self.random.random() < 0.1:
            self.selected = self.random.choice(self.boxes)
            self.ask(f"SELECT {self.selected}")
        here, total = self.messages[self.selected], sum(len(one) for one in self.messages.values())
        if not here or self.random.random() < 0.3:
            return self.append()
        uids = sorted(self.random.sample(sorted(here), min(len(here), self.random.randint(1, 4))))
        listed = ",".join(str(uid) for uid in uids)
        if total > LEFT:
            return self.expunge(uids, listed)
        self.random.choice([self.store, self.store, self.transfer])(uids, listed)

    def append(self):
        lines = self.random.randint(0, 400)
        text = f"From: a@b.example\r\nSubject: {self.number}.{self.tags}\r\n\r\n" + "All work and no play.\r\n" * lines
        box = self.random.choice(self.boxes)

        def appended(lines):
            uid = int(lines[-1].split("[APPENDUID ")[1].split("]")[0].split()[1])
            self.messages[box][uid] = (SEEN, "", hashlib.sha256(text.encode()).hexdigest())

        self.change(f"APPEND {box} (\\Seen) {{{len(text)}+}}\r\n{text}", appended)
        self.counts["appended"] += 1

    def store(self, uids, listed):
        flag, keyword, sign = self.random.choice([(FLAGGED, ""), (SEEN, ""), (0, "kw")]) + (self.random.choice("+-"),)
        name = {FLAGGED: "\\Flagged", SEEN: "\\Seen", 0: keyword}[flag]

        def stored(_):
            for uid in uids:
                flags, keywords, digest = self.messages[self.selected][uid]
                if flag:
                    flags = flags | flag if sign == "+" else flags & ~flag
                else:
                    keywords = keyword if sign == "+" else ""
                self.messages[self.selected][uid] = (flags, keywords, digest)

        self.change(f"UID STORE {listed} {sign}FLAGS.SILENT ({name})", stored)
        self.counts["flagged"] += 1

    def transfer(self, uids, listed):
        to = self.boxes[1 - self.boxes.index(self.selected)]
        command = self.random.choice(["COPY", "MOVE"])

        def transferred(lines):
            code = next(line for line in lines if "[COPYUID " in line).split("[COPYUID ")[1].split("]")[0]
            first = int(code.split()[2].split(":")[0])
            for number, uid in enumerate(uids):
                self.messages[to][first + number] = self.messages[self.selected][uid]
                if command == "MOVE":
                    del self.messages[self.selected][uid]

        self.change(f"UID {command} {listed} {to}", transferred)
        self.counts["copied" if command == "COPY" else "moved"] += 1

    def expunge(self, uids, listed):
        def marked(_):
            for uid in uids:
                flags, keywords, digest = self.messages[self.selected][uid]
                self.messages[self.selected][uid] = (flags | DELETED, keywords, digest)

        def expunged(_):
            for uid in uids:
                del self.messages[self.selected][uid]

        self.change(f"UID STORE {listed} +FLAGS.SILENT (\\Deleted)", marked)
        self.change(f"UID EXPUNGE {listed}", expunged)
        self.counts["expunged"] += len(uids)


def states_in(data, account):
    """Of each client of an account, what is in its mailboxes."""
    with sqlite3.connect(f"file:{data}/accounts/{account}/index.db?mode=ro&immutable=1", uri=True) as database:
        states = {}
        for box, uid, flags, keywords, digest in database.execute(
                "SELECT b.name, p.uid, p.flags, p.keywords, hex(m.file_sha256) FROM placement p JOIN mailbox b ON b.id ="
                " p.mailbox_id JOIN message m ON m.id = p.message_id WHERE b.name LIKE 'c%/%'"):
            flags &= SEEN | FLAGGED | DELETED  # others the server sets by itself: $NotJunk
            states.setdefault(int(box[1:].split("/")[0]), set()).add((box, uid, flags, keywords, digest.lower()))
        return states


def judge(clients, data, began, ended, where):
    for account in sorted({client.account for client in clients}):
        states = states_in(data, account)
        for client in (one for one in clients if one.account == account):
            found = frozenset(states.get(client.number, set()))
            possible = list(client.states)
            last = max(index for index, (_, acknowledged, _) in enumerate(possible) if acknowledged <= began)
            allowed = [state for asked, _, state in possible[last:] if asked <= ended]
            if found not in allowed:
                before = "an older one" if found in [state for _, _, state in possible] else "one that never was"
                raise Wrong(f"{where}: client {client.number} is in a state that cannot be: {before};"
                            f" missing {sorted(allowed[0] - found)}, unexpected {sorted(found - allowed[-1])}")


def verify(programs, directory):
    done = run(programs / "mox-verifydata", "-q", "--read-data", "--lock-timeout", "60", directory)
    if done.stdout or done.stderr:
        raise Wrong(f"{directory}: {done.stdout}{done.stderr}")


def load(options, place):
    server = Server(options.programs, place)
    stop, clients, snapshots = threading.Event(), [], []
    try:
        accounts = [f"load{number}" for number in range(options.accounts)]
        for account in accounts:
            server.add_account(account)
        clients = [Client(server, accounts[number % len(accounts)], number, stop) for number in range(options.clients)]
        for client in clients:
            client.start()
        deadline = time.monotonic() + options.seconds
        while (time.monotonic() < deadline or len(snapshots) < 4) and not any(client.failure for client in clients):
            target = place / f"snapshot{len(snapshots)}"
            # Links belong to the server's user, copies to us: nothing to verify when they differ.
            more = ["--link-live"] if len(snapshots) % 3 == 2 and os.getuid() != 0 else []
            began = time.monotonic()
            run(options.programs / "mox-backup", "-q", "--lock-timeout", "60", "--data-dir", server.data, *more, target)
            ended = time.monotonic()
            verify(options.programs, target)
            snapshots.append((began, ended))
            for client in clients:
                client.wait_for_changes()
            judge(clients, target / "data", began, ended, target)
            shutil.rmtree(target)
            if len(snapshots) % 5 == 0:
                verify(options.programs, server.data)
        stop.set()
        for client in clients:
            client.join()
        for client in clients:
            if client.failure:
                raise Wrong(client.failure)
        server.stop()
        verify(options.programs, server.data)
        now = time.monotonic()
        judge(clients, server.data, now, now, "the directory at the end")
    finally:
        stop.set()
        server.kill()
    counts = {name: sum(client.counts[name] for client in clients) for name in clients[0].counts}
    for name, count in counts.items():
        if count == 0:
            raise Wrong(f"nothing was {name}")
    return {"snapshots": len(snapshots), **counts, "longest_backup_s": round(max(end - begin for begin, end in snapshots), 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--accounts", type=int, default=3)
    options = parser.parse_args()
    place = pathlib.Path(tempfile.mkdtemp(prefix="moxload-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    place.chmod(0o755)  # the server of root is another user
    try:
        print(json.dumps({"ok": True, **load(options, place)}))
    except Wrong as wrong:
        print(f"{wrong}\nkept: {place}", file=sys.stderr)
        return 1
    shutil.rmtree(place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
