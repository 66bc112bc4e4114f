"""Wowza Streaming Engine: addresses of live and recorded television, signed for SecureToken version 2."""

__version__ = "0.1.0"
