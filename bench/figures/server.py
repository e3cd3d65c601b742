"""What the server needs for clients that are silent: memory at rest, and for each of 10,000 connections, whole process,
in plain text and with TLS. Clients come from many addresses, as each network may have only so many connections."""

import resource
import socket
import ssl
import subprocess
import time
from pathlib import Path

CLIENTS = 10_000
MIB = 1 << 20


def resident_bytes(process):
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS")


def address_of(number):
    """250 clients in each /21."""
    network, host = divmod(number, 250)
    return f"127.{1 + network // 32}.{network % 32 * 8 + host // 40}.{1 + host % 40}"


class Server:
    def __init__(self, bench, directory):
        self.directory = directory
        directory.parent.chmod(0o755)
        directory.chmod(0o755)
        command = [bench.program("mox"), "localserve", "--dir", directory / "try", "--ip", "127.0.0.1", "-q"]
        self.log = open(directory / "log", "w+")
        self.process = subprocess.Popen(
            [*command, "--port-offset", "21000"], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )
        for _ in range(1000):
            if "ready to serve" in (directory / "log").read_text():
                return
            time.sleep(0.02)
        raise RuntimeError((directory / "log").read_text())

    def resident(self):
        return resident_bytes(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def connect(number, port):
    client = socket.create_connection(("127.0.0.1", port), source_address=(address_of(number), 0), timeout=60)
    return client


def greeted(client):
    client.recv(1000)
    client.sendall(b"a NOOP\r\n")
    client.recv(1000)
    return client


def per_connection(bench, place, name, open_client, limit_kib):
    directory = place.fresh(name)
    server = Server(bench, directory)
    before = server.resident()
    clients = [open_client(number, directory) for number in range(CLIENTS)]
    each = (server.resident() - before) / CLIENTS / 1024
    bench.report(f"server-{name}-connection", each, "KiB", limit_kib, clients=len(clients))
    bench.report(f"server-at-rest-{name}", before / MIB, "MiB", 20)
    for client in clients:
        client.close()
    server.stop()
    place.done_with(directory)


def idle_connections(bench, place):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    per_connection(bench, place, "plain", lambda number, _: greeted(connect(number, 21143)), 12)
    per_connection(bench, place, "tls", lambda number, _: greeted(context.wrap_socket(connect(number, 21993))), 40)


FIGURES = {"server": idle_connections}
