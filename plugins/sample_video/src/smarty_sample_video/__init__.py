"""A development video server: looping test channels as live HLS with an archive window and a token check."""

__version__ = "1.0.0"
