"""Links signed for `secure_link` of nginx."""

__version__ = "0.1.0"
