"""Cesbo Astra and Alta: addresses of live television, what the server hears about tokens, its sessions and health."""

__version__ = "0.1.0"
