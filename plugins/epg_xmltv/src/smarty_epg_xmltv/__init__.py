"""XMLTV guides: `xmltv_common` reads them from an address, `xmltv_from_files` from files on the server."""

__version__ = "0.1.0"
