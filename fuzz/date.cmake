mox_fuzz(date USES mime)
