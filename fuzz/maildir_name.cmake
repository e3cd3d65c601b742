mox_fuzz(maildir_name USES intake)
