"""Data directories that figures start from."""

from measure import execute


def imported_mail(bench, directory):
    """directory/data: the test scenario with the corpus imported into one mailbox."""
    data = directory / "data"
    execute([bench.program("mox-gentestdata"), "-q", data])
    execute([bench.program("mox-import"), "-q", "--data-dir", data, "mbox", "test0", "Bench", bench.corpus()])
    return data
