mox_fuzz(archive_tree USES intake)
