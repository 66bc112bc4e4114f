"""Nimble Streamer: addresses of live and recorded television, signed for WMSAuth."""

__version__ = "0.1.0"
