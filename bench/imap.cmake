mox_bench(imap_bench USES base store server_imap)
