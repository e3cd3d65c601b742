mox_fuzz(ctl USES server_ctl)
