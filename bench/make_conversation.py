#!/usr/bin/env python3
"""Writes an mbox that is one conversation.

usage: make_conversation.py OUTPUT MESSAGES SHAPE

Shapes: references (each message refers to its 50 predecessors), star (all reply to the first), chain (each replies to
the one before), and star-shuffled and chain-shuffled, whose messages come in any order.
"""

import random
import sys
from pathlib import Path


def message_id(number):
    return f"<{number}.conversation@bench.example.org>"


def entry(number, shape):
    if shape == "references":
        parents = range(max(0, number - 50), number)
    elif shape == "star":
        parents = range(0, min(number, 1))
    else:
        parents = range(max(0, number - 1), number)
    fields = [
        f"From: Somebody {number % 97} <somebody{number % 97}@example.org>",
        "To: list@example.org",
        f"Subject: {'Re: ' if number else ''}One conversation",
        f"Message-ID: {message_id(number)}",
    ]
    if parents:
        fields.append("References: " + "\n ".join(message_id(parent) for parent in parents))
    return (
        f"From somebody@example.org Thu Jan  1 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02} 2015\n"
        + "\n".join(fields) + f"\n\nThis is number {number}.\n\n"
    )


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    output, count, shape = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    shape, _, order = shape.partition("-")
    numbers = list(range(count))
    if order == "shuffled":
        random.Random(1).shuffle(numbers)
    temporary = output.with_name(output.name + ".tmp")
    with open(temporary, "w", encoding="ascii") as out:
        for number in numbers:
            out.write(entry(number, shape))
    temporary.rename(output)


if __name__ == "__main__":
    main()
