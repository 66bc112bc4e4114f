"""The device API (TVMW): one module per group of methods, each with its declarations in `METHODS`."""
