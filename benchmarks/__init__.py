"""Speed and memory, measured beside a floor in the same run. `make bench` runs all; each module runs alone too."""
