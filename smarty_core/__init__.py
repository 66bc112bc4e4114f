"""Smarty: an open IPTV/OTT middleware server."""

__version__ = "1.0.0"
