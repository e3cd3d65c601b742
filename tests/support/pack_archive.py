"""Writes an archive, for tests: pack_archive.py ARCHIVE < MEMBERS

The end of the archive's name tells its form (.zip, .tar, .tgz, .tar.bz2, .tar.xz, .tar.zst). Members are JSON lines:
path, contents and target in hexadecimal digits, kind (file, folder, symlink, hard_link, fifo), modified (seconds),
zeros (bytes after the contents), encrypted (in a zip: only said to be).
"""

import io
import json
import subprocess
import sys
import tarfile
import time
import zipfile


class RawInfo(zipfile.ZipInfo):
    """A member whose name is written as it is."""

    raw_name = b""
    extra_flags = 0

    def _encodeFilenameFlags(self):
        return self.raw_name, self.flag_bits | self.extra_flags


def is_utf8(name):
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def pack_zip(path, members):
    with zipfile.ZipFile(path, "w") as out:
        for member in members:
            name = bytes.fromhex(member["path"])
            if member["kind"] == "folder":
                name += b"/"
            info = RawInfo("member", time.gmtime(member["modified"])[:6])
            info.raw_name = name
            info.extra_flags = (0x800 if is_utf8(name) and not name.isascii() else 0) | member["encrypted"]
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o40755 if member["kind"] == "folder" else 0o100644) << 16
            with out.open(info, "w", force_zip64=member["zeros"] > 1 << 31) as file:
                file.write(bytes.fromhex(member["contents"]))
                write_zeros(file, member["zeros"])


def write_zeros(file, count):
    block = bytes(1 << 20)
    while count > 0:
        file.write(block[: min(count, len(block))])
        count -= min(count, len(block))


class Zeros(io.RawIOBase):
    """Bytes, and then zeros."""

    def __init__(self, start, zeros):
        self.start, self.zeros = io.BytesIO(start), zeros

    def read(self, size=-1):
        data = self.start.read(size)
        if len(data) < size:
            count = min(size - len(data), self.zeros)
            self.zeros -= count
            data += bytes(count)
        return data


KINDS = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hard_link": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
}


def pack_tar(path, members):
    mode = {"tgz": "w:gz", "bz2": "w:bz2", ".xz": "w:xz"}.get(path[-3:], "w:")
    plain = path[:-4] if path.endswith(".zst") else path
    with tarfile.open(plain, mode, errors="surrogateescape", encoding="utf-8") as out:
        for member in members:
            info = tarfile.TarInfo(bytes.fromhex(member["path"]).decode("utf-8", "surrogateescape"))
            info.type = KINDS[member["kind"]]
            info.linkname = bytes.fromhex(member["target"]).decode("utf-8", "surrogateescape")
            info.mtime = member["modified"]
            contents = bytes.fromhex(member["contents"])
            info.size = len(contents) + member["zeros"]
            out.addfile(info, Zeros(contents, member["zeros"]))
    if plain != path:
        subprocess.run(["zstd", "-q", "-f", "--rm", plain, "-o", path], check=True)


def main():
    members = [json.loads(line) for line in sys.stdin]
    path = sys.argv[1]
    (pack_zip if path.endswith(".zip") else pack_tar)(path, members)


main()
