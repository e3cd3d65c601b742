"""Data directories that figures start from."""

from measure import Side, execute


def imported_mail(bench, directory):
    """directory/data: the test scenario with the corpus imported into one mailbox."""
    data = directory / "data"
    execute([bench.program("mox-gentestdata"), "-q", data])
    execute([bench.program("mox-import"), "-q", "--data-dir", data, "mbox", "test0", "Bench", bench.corpus()])
    return data


def import_side(bench, corpus):
    """An import of the mbox `corpus` into a new directory."""

    def prepare(directory):
        execute([bench.program("mox-gentestdata"), "-q", directory / "data"])

    return Side(
        lambda directory: [bench.program("mox-import"), "-q", "--data-dir", directory / "data", "mbox", "test0", "Bench", corpus],
        prepare=prepare,
    )
