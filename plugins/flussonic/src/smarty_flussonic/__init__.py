"""Flussonic Media Server: addresses of live and recorded television, and what the server hears about tokens."""

__version__ = "0.1.0"
