mox_fuzz(mbox_export USES intake outlet)
