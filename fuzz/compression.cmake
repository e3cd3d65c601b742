mox_fuzz(compression USES server_net)
