"""Stream addresses made by an operator's own Python script, in a confined process of that operator."""

__version__ = "0.1.0"
