mox_fuzz(imap_fetch USES server_imap)
