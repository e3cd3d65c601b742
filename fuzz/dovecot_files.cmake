mox_fuzz(dovecot_files USES intake)
