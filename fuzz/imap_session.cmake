mox_fuzz(imap_session USES server_imap)
