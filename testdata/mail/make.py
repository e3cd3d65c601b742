#!/usr/bin/env python3
"""Writes sample.mbox and sample.maildir beside itself, each with an .expected.jsonl that says what a reader must find.

The expectations come from the messages below, never from reading the files again, so this is a second implementation
of the rules. Running it again gives the same bytes.
"""
import hashlib
import json
import pathlib
import re
import shutil
import time

HERE = pathlib.Path(__file__).resolve().parent
START = 1_700_000_000


def mail(subject, body, extra="", sender="Ida Brook <ida@harbour.example>", to="Jon Reed <jon@mill.example>", number=0):
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(START + number * 3600))
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\nDate: {date}\nMessage-ID: <sample-{number}@harbour.example>\n"
    return (head + extra + "\n").encode() + (body if isinstance(body, bytes) else body.encode())


TEXT = "MIME-Version: 1.0\nContent-Type: text/plain; charset={}\nContent-Transfer-Encoding: {}\n"
MIXED = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{}"\n'


def part(boundary, head, body):
    return f"--{boundary}\n{head}\n{body}\n"


def messages():
    yield mail("Ferry times", "The last boat now leaves at nine.\nBring a coat.\n", number=0)
    yield mail("Re: Ferry times", "> The last boat now leaves at nine.\nGood to know, thanks!\n",
               "In-Reply-To: <sample-0@harbour.example>\nReferences: <sample-0@harbour.example>\n",
               "Jon Reed <jon@mill.example>", "Ida Brook <ida@harbour.example>", 1)
    yield mail("Re: Ferry times", "See you on the pier then.\n",
               "In-Reply-To: <sample-1@harbour.example>\nReferences: <sample-0@harbour.example>\n"
               "\t<sample-1@harbour.example>\n", number=2)
    yield mail("Lines that look like separators",
               "From the start I had doubts.\n\nFrom here on the path is steep.\n\n>From one quote\n>>From two quotes\n"
               "> From is not quoted\nFromage is no From\nFrom a@b.example Thu Jan  1 00:00:00 2015\n", number=3)
    yield mail("Crème brûlée", "Das Rezept für Süßes: Zucker, Eier, Sahne.\n", TEXT.format("utf-8", "8bit"), number=4)
    yield mail("=?iso-8859-1?Q?Gr=FC=DFe?=", "Viele Grüße aus der Mühle\n".encode("latin-1"),
               TEXT.format("iso-8859-1", "8bit"), number=5)
    yield mail("Quoted printable", "A long line that was broken =\nby its writer, with 5 =E2=82=AC at the end.\n",
               TEXT.format("utf-8", "quoted-printable"), number=6)
    yield mail("Base64", "VGhlIG1pbGwgd2hlZWwgdHVybnMgYWdhaW4uCg==\n", TEXT.format("us-ascii", "base64"), number=7)
    yield mail("Two forms of one text",
               part("alt", "Content-Type: text/plain\n", "Apples are ripe.") +
               part("alt", "Content-Type: text/html\n", "<p>Apples are <b>ripe</b>.</p>") + "--alt--\n",
               'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=alt\n', number=8)
    yield mail("Only HTML", "<html><body><h1>Market day</h1><p>Stalls open at <i>eight</i>.</p></body></html>\n",
               "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n", number=9)
    yield mail("With a file",
               part("mix", "Content-Type: text/plain\n", "The list is attached.") +
               part("mix", 'Content-Type: text/csv; name="list.csv"\nContent-Disposition: attachment; '
                    'filename="list.csv"\n', "item,count\nrope,3\nnet,1") + "--mix--\n", MIXED.format("mix"), number=10)
    yield mail("Nested",
               part("outer", 'Content-Type: multipart/mixed; boundary="inner"\n',
                    part("inner", "Content-Type: text/plain\n", "Deep inside.") + "--inner--") +
               part("outer", "Content-Type: message/rfc822\n", "From: a@b.example\nSubject: Carried along\n\nHello.") +
               "--outer--\n", MIXED.format("outer"), number=11)
    yield mail("Boundary that never comes", "--other\nNothing here ends properly.\n", MIXED.format("missing"), number=12)
    yield mail("No closing boundary", part("open", "Content-Type: text/plain\n", "Still readable."),
               MIXED.format("open"), number=13)
    yield mail("Unknown type", "???\n", "MIME-Version: 1.0\nContent-Type: nonsense\n"
               "Content-Transfer-Encoding: x-unheard-of\n", number=14)
    yield mail("No end of line at the end", "The pen ran dry", number=15)
    yield mail("Several empty lines at the end", "Signed,\nIda\n\n\n\n", number=16)
    yield mail("CRLF throughout", "One\nTwo\n", number=17).replace(b"\n", b"\r\n")
    yield mail("Mixed line ends", b"unix\ndos\r\nmac\rstays\n\r\nlone cr before crlf\r\r\nend\n", number=18)
    yield mail("Odd bytes", b"NUL\0here\n\xff\xfe not UTF-8\n\x1b[31mnot red\x1b[0m\n", number=19)
    yield b"From: bare@harbour.example\nSubject: Headers only\nDate: Fri, 1 Dec 2023 10:00:00 +0100\n"
    yield mail("", "", number=21)
    yield mail("A long line", "word " * 3000 + "\n", number=22)
    yield mail("Status: not a header", "Status: RO\nX-Keywords: nonsense\n", "Subject-Status: RO\n", number=23)
    yield b"This has no header at all.\nOnly text, and a colon: here.\n\nSecond paragraph.\n"
    yield mail("Folded\n and folded\n\tagain", "Last one. Bye.\n", number=25)


# Flags and keywords of the nth message, as IMAP and as the formats name them.
LETTERS = {"\\Seen": "S", "\\Answered": "R", "\\Flagged": "F", "\\Deleted": "T", "\\Draft": "D"}
X_STATUS = {"\\Answered": "A", "\\Flagged": "F", "\\Draft": "T", "\\Deleted": "D"}
KEYWORDS = ["$Junk", "$NotJunk", "harvest", "$Forwarded", "to-do", "Boats"]
INDEXES = [0, 1, 3, 4, 20, 25]  # with gaps


def flags_of(n):
    return [] if n == 10 else [flag for i, flag in enumerate(LETTERS) if (n * 7 + 3) >> i & 1]


def keywords_of(n):
    return [] if n == 10 else [keyword for i, keyword in enumerate(KEYWORDS) if (n * 11) >> i & 1 and not (i == 1 and n * 11 & 1)]


def stored(message):
    """CRLF line ends, complete last line."""
    if not message:
        return b""
    lines = message.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
        ends = [True] * len(lines)
    else:
        ends = [True] * (len(lines) - 1) + [False]
    return b"".join((line[:-1] if end and line.endswith(b"\r") else line) + b"\r\n" for line, end in zip(lines, ends))


def expectation(n, message, received, **more):
    crlf = stored(message)
    return {"n": n, "src": "made", "label": "ham", "size_lf": len(message), "size_crlf": len(crlf),
            "sha256_lf": hashlib.sha256(message).hexdigest(), "sha256_crlf": hashlib.sha256(crlf).hexdigest(),
            "received": received, "flags": flags_of(n), "keywords": sorted(k.lower() for k in keywords_of(n)), **more}


def write_expected(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def with_status(n, message):
    """Adds the fields of an mbox to the header, in different spellings."""
    eol = b"\r\n" if b"\r\n" in message.split(b"\n", 1)[0] + b"\n" else b"\n"
    fields = []
    if "\\Seen" in flags_of(n):
        fields.append(["Status: RO", "status: R", "STATUS:OR"][n % 3])
    letters = "".join(X_STATUS[f] for f in flags_of(n) if f in X_STATUS)
    if letters:
        fields.append(["X-Status: ", "x-status:", "X-STATUS: "][n % 3] + letters)
    if keywords_of(n):
        fields.append(["X-Keywords: ", "x-keywords:", "X-KeyWords:   "][n % 3] +
                      [",", " ", ", ", ",\n "][n % 4].join(keywords_of(n)))
    added = b"".join(f.encode().replace(b"\n", eol) + eol for f in fields)
    return added + message


def write_mbox():
    out, rows = b"", []
    for n, message in enumerate(messages()):
        message = with_status(n, message)
        when = START + n * 4000
        zones = [("", 0), ("+0200 ", 7200), ("UTC ", 0), ("", 0)]
        zone, shift = zones[n % 4]
        date = time.strftime(f"%a %b {{:2d}} %H:%M:%S {zone}%Y", time.gmtime(when + shift))
        day = time.gmtime(when + shift).tm_mday
        out += f"From sender{n}@harbour.example {date.format(day)}\n".encode()
        quoted = re.sub(rb"(?m)^(>*From )", rb">\1", message)
        if not quoted.endswith(b"\n"):
            quoted += b"\n"
            message += b"\n"
        out += quoted + b"\n"
        rows.append(expectation(n, message, when))
    (HERE / "sample.mbox").write_bytes(out)
    write_expected(HERE / "sample.mbox.expected.jsonl", rows)


def write_maildir():
    root = HERE / "sample.maildir"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("new", "cur"):
        (root / name).mkdir(parents=True)
    (root / "dovecot-keywords").write_text("".join(f"{i} {k}\n" for i, k in zip(INDEXES, KEYWORDS)))
    rows = []
    for n, message in enumerate(messages()):
        letters = "".join(sorted(LETTERS[f] for f in flags_of(n)))
        letters += "".join(chr(97 + INDEXES[KEYWORDS.index(k)]) for k in keywords_of(n))
        folder = "cur" if n % 5 else "new"
        when = START + n * 5000
        separator = [":", ";", "!"][n % 3]
        name = f"{when}.M{n}P77.harbour" + (f",S={len(message)}" if n % 2 else "")
        name += f"{separator}2,{letters}" if letters else ""
        (root / folder / name).write_bytes(message)
        rows.append(expectation(n, message, when, file=f"{folder}/{name}"))
    write_expected(HERE / "sample.maildir.expected.jsonl", rows)


write_mbox()
write_maildir()
