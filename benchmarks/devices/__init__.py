"""Devices for the load benchmarks: the installation they use, what they ask, and the process that asks it."""
