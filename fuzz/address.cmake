mox_fuzz(address USES mime)
