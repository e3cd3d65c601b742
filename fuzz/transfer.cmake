mox_fuzz(transfer USES mime)
