#!/usr/bin/env python3
"""Repeats real mail up to a number of messages, as one mbox.

usage: make_corpus.py OUTPUT [MESSAGES]

Every repetition has Message-IDs of its own; In-Reply-To and References follow, so that each has its own threads.
The mail is that of $MOX_CORPUS or ../shared/corpus (real-mail.tar.zst, or a folder with *.mbox), otherwise that of
testdata/mail (*.mbox, *.eml).
"""

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ID_FIELD = re.compile(rb"(?im)^(?:message-id|in-reply-to|references)[ \t]*:.*\n(?:[ \t]+.*\n)*")
LAST_BRACKET = re.compile(rb"(<[^<>\s]+?)(>)")


def entries_of_mbox(data):
    """The entries of an mbox, each from its From line to the empty line that ends it."""
    starts = [0] + [match.start() + 2 for match in re.finditer(rb"\n\nFrom ", data)] + [len(data)]
    return [data[a:b] for a, b in zip(starts, starts[1:]) if a != b]


def entry_of_message(data):
    data = data.replace(b"\r\n", b"\n")
    data = re.sub(rb"(?m)^(>*From )", rb">\1", data)
    end = b"\n" if data.endswith(b"\n") else b"\n\n"
    return b"From nobody@example.org Thu Jan  1 00:00:00 2015\n" + data + end


def members_of_archive(path):
    """The mboxes of an archive by name."""
    process = subprocess.Popen(["zstd", "-dc", str(path)], stdout=subprocess.PIPE)
    found = {}
    with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".mbox"):
                found[member.name] = archive.extractfile(member).read()
    if process.wait() != 0:
        raise SystemExit(f"make_corpus: cannot read {path}")
    return found


def read_archive(path):
    found = members_of_archive(path)
    return [entry for name in sorted(found) for entry in entries_of_mbox(found[name])]


def read_labelled_corpus():
    """(ham, spam): the entries of ham.mbox and spam.mbox of the mail, or None when it has no such mboxes."""
    corpus = Path(os.environ.get("MOX_CORPUS") or ROOT.parent / "shared" / "corpus")
    mboxes = {}
    for archive in (corpus, corpus / "real-mail.tar.zst"):
        if archive.is_file():
            mboxes = members_of_archive(archive)
            break
    else:
        if corpus.is_dir():
            mboxes = {str(file): file.read_bytes() for file in corpus.rglob("*.mbox")}
    kinds = [[e for name in sorted(mboxes) if Path(name).name == wanted for e in entries_of_mbox(mboxes[name])]
             for wanted in ("ham.mbox", "spam.mbox")]
    return tuple(kinds) if all(kinds) else None


def read_folder(path):
    entries = []
    for file in sorted(path.rglob("*")):
        if file.suffix == ".mbox":
            entries += entries_of_mbox(file.read_bytes())
        elif file.suffix == ".eml":
            entries.append(entry_of_message(file.read_bytes()))
    return entries


def read_corpus():
    corpus = Path(os.environ.get("MOX_CORPUS") or ROOT.parent / "shared" / "corpus")
    for archive in (corpus, corpus / "real-mail.tar.zst"):
        if archive.is_file():
            return read_archive(archive)
    if corpus.is_dir() and (entries := read_folder(corpus)):
        return entries
    if os.environ.get("MOX_CORPUS"):
        raise SystemExit(f"make_corpus: no mail in {corpus}")
    print(f"make_corpus: {corpus} is not there, taking testdata/mail", file=sys.stderr)
    if entries := read_folder(ROOT / "testdata" / "mail"):
        return entries
    raise SystemExit("make_corpus: no mail in testdata/mail either")


def renew(entry, number):
    """The entry with `number` put into the message ids of its header."""
    end = entry.find(b"\n\n") + 1
    suffix = b".r%d" % number
    head = ID_FIELD.sub(lambda field: LAST_BRACKET.sub(rb"\1" + suffix + rb"\2", field[0]), entry[:end])
    return head + entry[end:]


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    output, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
    entries = read_corpus()
    temporary = output.with_name(output.name + ".tmp")
    with open(temporary, "wb") as out:
        for i in range(count):
            entry = entries[i % len(entries)]
            repetition = i // len(entries)
            entry = renew(entry, repetition) if repetition else entry
            out.write(entry if entry.endswith(b"\n\n") else entry.rstrip(b"\n") + b"\n\n")
    temporary.rename(output)


if __name__ == "__main__":
    main()
