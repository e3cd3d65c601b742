mox_fuzz(precis USES mime)
