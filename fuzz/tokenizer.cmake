mox_fuzz(tokenizer USES junk)
