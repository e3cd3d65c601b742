mox_fuzz(manifest USES snapshot)
