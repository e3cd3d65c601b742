mox_fuzz(imap_url USES server_imap)
