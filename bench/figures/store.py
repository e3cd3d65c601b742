"""Operations on a mailbox of 50,000 messages, in milliseconds, without limits. `reference_ms` is what the split of
message and placement was measured to give before it was built; with one wide row per message the same took 1600, 410,
30 and 1300 ms."""

import shutil

from measure import execute

OPERATIONS = {"copy": 100, "store": 100, "select": 6, "commit": 140}


def store_operations(bench, place):
    program = bench.program("store_bench")
    source = place.fresh("source")
    execute([program, source / "data", "prepare", bench.messages])
    for operation, reference in OPERATIONS.items():
        times = []
        for _ in range(bench.runs):
            directory = place.fresh(operation)
            shutil.copytree(source / "data", directory / "data", ignore=shutil.ignore_patterns("msg"))
            run = execute([program, directory / "data", operation, bench.messages])
            times.append(float(run.output.split()[-1]))
            place.done_with(directory)
        bench.report(f"store-{operation}-{place.name}", min(times), "ms", reference_ms=reference)
    place.done_with(source)


FIGURES = {"store": store_operations}
