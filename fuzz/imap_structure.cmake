mox_fuzz(imap_structure USES server_imap)
