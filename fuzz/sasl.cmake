mox_fuzz(sasl USES server_auth)
