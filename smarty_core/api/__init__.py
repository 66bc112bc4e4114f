"""The public use cases: what plugins get through their `Host`."""

from smarty_core.api.host import Host

__all__ = ["Host"]
