mox_bench(snapshot_bench USES snapshot store)
