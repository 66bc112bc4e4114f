"""Countries, and the one the caller is in."""

from __future__ import annotations

from smarty_core.web.method import Answer, Call, Method


def country_list(call: Call) -> Answer:
    return {
        "countries": [
            {
                "id": country.id,
                "name": country.name(call.lang),
                "code": country.code,
                "phone_code": country.phone_code,
            }
            for country in call.system.places.countries()
        ]
    }


def country_info(call: Call) -> Answer:
    assert call.operator is not None
    places = call.system.places
    place = places.locate(call.ip, call.operator)
    return {
        "country_name": places.country_name(place.country_code, call.lang) or place.country_name,
        "country_code": place.country_code,
        "city_name": places.city_name(place.city_id, call.lang) or place.city_name,
    }


METHODS = (
    Method(
        "CountryInfo",
        "/country/info/",
        country_info,
        auth="api_key",
        group="Country",
        answer="country_name:S, country_code:S, city_name:S",
        doc="Where the caller's address is; empty fields when nobody knows.",
    ),
    Method(
        "CountryList",
        "/country/list/",
        country_list,
        auth="api_key",
        group="Country",
        answer="countries[]{id:N, name:S, code:S, phone_code:S}",
        doc="All countries.",
    ),
)
