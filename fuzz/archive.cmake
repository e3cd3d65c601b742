mox_fuzz(archive USES archive)
