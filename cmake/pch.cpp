// Carrier of the precompiled header that all targets share.
