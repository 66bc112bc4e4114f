"""MaxMind: where addresses are, by GeoLite2 and GeoIP2 bases, and the commands that keep these fresh."""

__version__ = "0.1.0"
