mox_fuzz(mbox USES intake)
