"""ipgeobase: where IPv4 addresses are, by its ranges and cities, and the commands that keep these fresh."""

__version__ = "0.1.0"
