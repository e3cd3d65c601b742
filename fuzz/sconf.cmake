mox_fuzz(sconf USES config)
