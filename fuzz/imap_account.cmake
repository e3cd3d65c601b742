mox_fuzz(imap_account USES server_imap)
