mox_fuzz(imap_search USES server_imap)
