mox_fuzz(header USES mime)
