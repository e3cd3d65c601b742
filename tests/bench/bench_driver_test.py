"""Tests bench/run.py, measure.py and make_corpus.py. usage: bench_driver_test.py SOURCE_DIRECTORY BUILD_DIRECTORY"""

import json
import mailbox
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "bench"))
import measure

GOOD = """#!/bin/bash
[ -d "$MOX_BENCH_DIR" ] && [ -z "$(ls "$MOX_BENCH_DIR")" ] || exit 1
echo 'not a figure'
echo '{"name": "good", "value": 1.5, "unit": "ratio", "limit": 1.5}'
"""
BAD = """#!/bin/bash
echo '{"name": "bad", "value": 1.6, "unit": "ratio", "limit": 1.5, "ok": true}'
"""


class TemporaryFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path


class Driver(TemporaryFolder):
    def run_bench(self, *arguments, figures=None):
        command = [sys.executable, "-B", SOURCE / "bench" / "run.py", "--build", BUILD, "--disk", self.folder / "disk",
                   "--tmpfs", self.folder, "--runs", "1", "--messages", "500", *arguments]
        if figures:
            command += ["--figures", figures]
        result = subprocess.run(command, capture_output=True, text=True)
        found = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
        return result.returncode, {figure["name"]: figure for figure in found}, result.stdout + result.stderr

    def test_check_fails_only_when_a_figure_misses_its_limit(self):
        self.write("figures/good.sh", GOOD)
        status, figures, output = self.run_bench("--check", figures=self.folder / "figures")
        self.assertEqual((status, figures["good"]["ok"]), (0, True), output)
        self.write("figures/bad.sh", BAD)
        status, figures, output = self.run_bench("--check", figures=self.folder / "figures")
        self.assertEqual((status, figures["bad"]["ok"]), (1, False), output)
        self.assertIn("MISSED", output)
        self.assertEqual(self.run_bench(figures=self.folder / "figures")[0], 0)
        self.assertEqual(self.run_bench("--check", "--only", "good", figures=self.folder / "figures")[0], 0)
        self.assertEqual(self.run_bench("--only", "other", figures=self.folder / "figures")[0], 2)

    def test_a_figure_that_cannot_be_measured_is_a_failure(self):
        self.write("figures/broken.sh", "#!/bin/bash\nexit 3\n")
        self.assertEqual(self.run_bench(figures=self.folder / "figures")[0], 1)

    def test_seals_are_measured_and_nothing_is_left_behind(self):
        status, figures, output = self.run_bench("--only", "seal-cost")
        self.assertEqual(status, 0, output)
        for place in ("disk", "tmpfs"):
            self.assertGreater(figures[f"seal-cost-insert-{place}"]["value"], 0.1, output)
        self.assertEqual(list((self.folder / "disk").iterdir()), [])


class Measuring(TemporaryFolder):
    def bench(self):
        place = measure.Place("disk", self.folder, keep_runs=True)
        return measure.Bench(BUILD, self.folder, [place], 3, 10), place

    def test_pairs_are_interleaved_and_each_run_has_a_fresh_directory(self):
        bench, place = self.bench()
        bench.say = lambda text: None
        prepared = []
        side = lambda name, ms: measure.Side(lambda directory: ["echo", ms], lambda directory: prepared.append(
            (name, directory)), prints_ms=True)
        pair = bench.pair(place, side("a", 3000), side("b", 1500))
        self.assertEqual([name for name, _ in prepared], ["a", "b", "b", "a", "a", "b"])
        self.assertEqual(len({directory for _, directory in prepared}), 6)
        self.assertEqual((pair.ours, pair.theirs, pair.ratio), (3.0, 1.5, 2.0))

    def test_peak_memory_is_that_of_the_command(self):
        bench, place = self.bench()
        grab = lambda mib: measure.Side(lambda directory: [sys.executable, "-c", f"x = b'x' * ({mib} << 20)"])
        self.assertGreater(bench.peak_rss(place, grab(200)), 200 << 20)
        self.assertLess(bench.peak_rss(place, grab(1)), 100 << 20)

    def test_a_command_that_fails_is_an_error(self):
        with self.assertRaises(measure.BenchError):
            measure.execute(["false"])


class Corpus(TemporaryFolder):
    MBOX = ("From a@example.org Thu Jan  1 00:00:00 2015\nMessage-ID: <1@example.org>\nSubject: one\n\n"
            "Message-ID: <body@example.org>\n\nFrom b@example.org Thu Jan  1 00:00:00 2015\n"
            "MESSAGE-ID:\n <2@example.org>\nReferences: <0@example.org>\n <1@example.org>\n\ntwo\n\n")

    def make(self, count):
        output = self.folder / "out.mbox"
        result = subprocess.run([sys.executable, "-B", SOURCE / "bench" / "make_corpus.py", output, str(count)],
                                env={**os.environ, "MOX_CORPUS": str(self.folder / "mail")}, capture_output=True)
        return list(mailbox.mbox(output, create=False)) if result.returncode == 0 else None

    def test_repetitions_have_ids_of_their_own_and_keep_their_threads(self):
        self.write("mail/a.mbox", self.MBOX)
        self.write("mail/b.eml", "Message-ID: <3@example.org>\r\n\r\nFrom here\r\n")
        messages = self.make(7)
        self.assertEqual(len(messages), 7)
        ids = [message["message-id"].strip() for message in messages]
        self.assertEqual(ids[:4], ["<1@example.org>", "<2@example.org>", "<3@example.org>", "<1@example.org.r1>"])
        self.assertEqual(len(set(ids)), 7)
        self.assertEqual(messages[4]["references"].split(), ["<0@example.org.r1>", "<1@example.org.r1>"])
        self.assertIn("<body@example.org>", messages[3].get_payload())
        self.assertIn(">From here", messages[2].get_payload())

    def test_without_mail_it_fails(self):
        (self.folder / "mail").mkdir()
        self.assertIsNone(self.make(1))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
