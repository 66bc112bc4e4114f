"""How Alembic writes our column types into a new step."""

from __future__ import annotations

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import BigInteger, String, Text

from smarty_core.storage import types
from smarty_core.storage.types import BigId, LongText, key_text


def render_type(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """The expression for `item`, or False to let Alembic write it."""
    if kind != "type":
        return False
    imported = "from smarty_core.storage import types"
    for name in ("UtcDateTime", "MoneyAmount", "Json"):
        if type(item) is getattr(types, name):
            context.imports.add(imported)
            return f"types.{name}()"
    if isinstance(item, BigInteger) and _same_variants(item, BigId):
        context.imports.add(imported)
        return "types.BigId"
    if isinstance(item, Text) and _same_variants(item, LongText):
        context.imports.add(imported)
        return "types.LongText"
    if type(item) is String and item.length and _same_variants(item, key_text(item.length)):
        context.imports.add(imported)
        return f"types.key_text({item.length})"
    return False


def _same_variants(left: Any, right: Any) -> bool:
    return bool(left._variant_mapping) and repr(dict(left._variant_mapping)) == repr(dict(right._variant_mapping))
