#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "server/process/server_process.hpp"

namespace mox::test {

// A client of IMAP in Python, with TLS or without, that can compress, and that also says what no library would.
inline constexpr const char* python_client = R"python(
import socket, ssl, sys, zlib
port, tls_port, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

def equal(a, b):
    assert a == b, (a, b)

class Client:
    def __init__(self, tls=False, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", tls_port if tls else port), 60, (source, 0))
        if tls:
            context = ssl.create_default_context(cafile=ca)
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.input, self.out, self.into, self.received = bytearray(), None, None, 0
        self.line()
        equal(self("a LOGIN mox@localhost moxmoxmox")[-1][:4], b"a OK")
    def compress(self, behind=b"", window=15):
        self.out = zlib.compressobj(9, zlib.DEFLATED, -window)
        self.into = zlib.decompressobj(-15)
        out, self.out = self.out, None
        self.send(b"b COMPRESS DEFLATE\r\n" + (out.compress(behind) + out.flush(zlib.Z_SYNC_FLUSH) if behind else b""))
        into, self.into = self.into, None
        line = self.line()
        self.out, self.into = out, into
        self.input = bytearray(self.into.decompress(self.input))
        return line
    def send(self, data):
        self.socket.sendall(data if self.out is None else self.out.compress(data) + self.out.flush(zlib.Z_SYNC_FLUSH))
    def receive(self):
        data = self.socket.recv(65536)
        self.received += len(data)
        if not data:
            raise EOFError
        self.input += data if self.into is None else self.into.decompress(data)
    def read(self, size):
        while len(self.input) < size:
            self.receive()
        data = bytes(self.input[:size])
        del self.input[:size]
        return data
    def line(self):
        while b"\r\n" not in self.input:
            self.receive()
        return self.read(self.input.index(b"\r\n") + 2)[:-2]
    # The lines of an answer; a literal is a line of its own.
    def answer(self, tag):
        lines = []
        while not lines or not lines[-1].startswith(tag + b" "):
            lines.append(self.line())
            if lines[-1].endswith(b"}"):
                lines.append(self.read(int(lines[-1][lines[-1].rindex(b"{") + 1:-1])))
        return lines
    def __call__(self, command):
        self.send(command.encode() + b"\r\n")
        return self.answer(command.split()[0].encode())
    def append(self, message):
        self.send(b"p APPEND Inbox {%d+}\r\n%s\r\n" % (len(message), message))
        return self.answer(b"p")[-1]
    def rest(self):
        try:
            while True:
                self.receive()
        except (EOFError, ConnectionError):
            return bytes(self.input)

def memory(process):
    with open("/proc/%s/statm" % process) as statm:
        return int(statm.read().split()[1]) * 4096

message = b"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: hello\r\n\r\nA body.\r\n"
large = message + b"".join(b"Line %d: all work and no play makes Jack a dull boy.\r\n" % i for i in range(40000))
)python";

// A script after it; sys.argv[4] and so on are `more`.
inline ProgramRun run_python_client(const LocalServer& local, const std::string& script,
                                    const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{
        "python3", "-c", python_client + script, local.imap_port(), local.imaps_port(), local.certificate().string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
}

// The server ends in order and leaves a directory in order.
inline void check_end(LocalServer& local) {
    CHECK(local.mox({"stop"}).exit_code == 0);
    CHECK(local.server->wait() == 0);
    CHECK(run_program({std::string(MOX_BIN) + "/mox-verifydata", "--read-data", local.data().string()}).exit_code == 0);
}

}  // namespace mox::test
