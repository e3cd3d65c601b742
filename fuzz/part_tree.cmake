mox_fuzz(part_tree USES mime)
