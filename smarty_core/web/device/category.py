"""Categories of channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from smarty_core.services.languages import pick
from smarty_core.web.device.shown import operator_of, shown_to
from smarty_core.web.method import Answer, Call, Method, Shared


def category_list(call: Call) -> Answer:
    """Equal for all who are shown the same channels, whatever order or flags they gave them."""
    shown, catalogue = shown_to(call), call.system.catalogue

    def build() -> Mapping[str, Any]:
        counts = Counter(
            category
            for item in shown.listing.items
            for category in {item.channel.category_id, *item.channel.additional_categories}
        )
        return {
            "categories": [
                {
                    "id": category.id,
                    "name": pick(category.names, call.lang),
                    "description": category.description,
                    "color": category.color,
                    "channels_count": counts[category.id],
                    "icon_url": catalogue.icons.address(category.icon_url),
                    "icon_tv_url": catalogue.icons.address(category.icon_tv_url),
                    "dashboard_icon_url": catalogue.icons.address(category.dashboard_icon_url),
                }
                for category in catalogue.channel_categories(operator_of(call).id)
            ]
        }

    return Shared((*shown.listing.key, call.lang), build, shown.tags, shown.valid_until, steady_until=shown.valid_until)


_ANSWER: Final = (
    "categories[]{id:N, name:S, description:S, color:S, channels_count:N, icon_url:S, icon_tv_url:S,"
    " dashboard_icon_url:S}"
)

METHODS = (
    Method(
        "CategoryList",
        "/category/list/",
        category_list,
        group="Category",
        answer=_ANSWER,
        doc="Categories of channels, with the number of channels the viewer has in each.",
    ),
    Method(
        "NoAuthCategoryList",
        "/noauth/category/list/",
        category_list,
        auth="api_key",
        group="Category",
        answer=_ANSWER,
        doc="Categories of channels, with the number of the operator's channels in each.",
    ),
)
