"""IP2Location: where addresses are, by its BIN and CSV bases, and the commands that keep these fresh."""

__version__ = "0.1.0"
