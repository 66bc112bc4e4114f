"""Settings the product documents and nothing here reads yet: accepted, checked, told about in one notice.

A feature that begins to read one moves its line to `declared`. Licence keys are accepted and mean nothing; settings of
SMS providers are read by the plugins that speak to them.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from smarty_core.config.kinds import Address, Count, Ids, Port, Positive, SecretText, Size, Tree, setting


class DocumentedSettings(BaseModel):
    """Accepted, without effect so far"""

    DEBUG: bool = setting(False, "Show tracebacks in the browser.")
    UPLOAD_URL: str = setting("", "Address of user uploads.")
    MAIN_MENU: Tree = setting({}, "Menu of the panel by role.")
    CONTENT_FULL_ACCESS_CLIENTS: Ids = setting(
        (), "Operators that may upload icons of guide channels through the Content API."
    )
    SMARTY_DEFAULT_ICON_SIZE: Size | None = setting(None, "Standard size (width, height) of icons.")
    SMS_ATTEMPTS: Positive = setting(3, "Tries before a message has failed.")
    MONGODB_HOST: str = setting("", "MongoDB of the viewing statistics.")
    MONGODB_PORT: Port = setting(27017, "Its port.")
    MONGODB_NAME: str = setting("", "Its database.")
    MONGODB_USERNAME: str = setting("", "Its user.")
    MONGODB_PASSWORD: SecretText = setting("", "Its password.")
    MONGODB_AUTH_METHOD: str = setting("", "Its way of authentication.")
    MONGODB_MONITORING_HOST: str = setting("", "MongoDB of the device metrics.")
    MONGODB_MONITORING_PORT: Port = setting(27017, "Its port.")
    MONGODB_MONITORING_NAME: str = setting("", "Its database.")
    MONGODB_MONITORING_USERNAME: str = setting("", "Its user.")
    MONGODB_MONITORING_PASSWORD: SecretText = setting("", "Its password.")
    MONGODB_MONITORING_AUTH_METHOD: str = setting("", "Its way of authentication.")
    DEVMON_SINGLE_CLIENT: bool = setting(False, "All operators share the whole base of device metrics.")
    IRDETO_NATIONALITY: str = setting("RUS", "Irdeto: nationality.")
    IRDETO_REGION_TAG: str = setting("MO", "Irdeto: region.")
    IRDETO_HOST: Address = setting("http://127.0.0.1:80", "Irdeto: address of the SOAP API.")
    TVMIDDLEWARE_PORTAL_DOMAIN: str = setting("", "Domain of the portal, for information.")
    TVMIDDLEWARE_VIDEO_NEW_DAYS: Count = setting(60, "Days a film counts as new after it was added.")
    TVMIDDLEWARE_VIDEO_PREMIERE_DAYS: Count = setting(90, "Days a film counts as a premiere.")
    TVMIDDLEWARE_RECOMMENDATIONS_ENABLED: bool = setting(False, "Recommendations in television by interest.")
    TVMIDDLEWARE_DISABLE_PAGINATION: bool = setting(False, "Do not count objects in some lists of the panel.")
    TVMIDDLEWARE_ADS_ENABLED: bool = setting(False, "Give advertisements with stream addresses.")
    TVMIDDLEWARE_VIDEO_EXTERNAL_API_REQUIRED: bool = setting(False, "Films need an external id and API.")
    TVMIDDLEWARE_CUSTOMER_LOG_ENABLED: bool = setting(False, "Keep subscribers' actions in the database.")
    TVMIDDLEWARE_VIDEO_ACTORS_EXTENDED_UPDATE: bool = setting(True, "Load details of actors with films.")
    TVMIDDLEWARE_MOVIEDB: str = setting("kinopoisk", "Source of facts about films: kinopoisk, cinemate or tmdb.")
    TVMIDDLEWARE_CINEMATE_KEY: SecretText = setting("", "Key at Cinemate.")
    TVMIDDLEWARE_CACHE_EXISTING_ICONS: bool = setting(False, "Remember which sizes of icons exist.")
    TVMW_PREVENT_CASCADE_DELETION: bool = setting(False, "Refuse to delete objects others belong to.")
    TVMW_ENABLE_LINK_TO_CUSTOMER_ON_ACCOUNTS_PAGE: bool = setting(
        False, "Customers' names are links in the list of accounts."
    )
    TVMW_EPG_IMPORT_ALLOW_PARSER_HANDLING: bool = setting(False, "A parser may import its channels itself.")
    DEALERS_DISPLAY_MANUAL_ACCOUNT_ACTIVATION_DATE: bool = setting(False, "Dealers may type dates of activation.")
    BILLING_CLIENTS_EXCLUDE: Ids = setting((), "Operators left out by check_accounts and make_autopayments.")
    ADS_ADSTREAM_DEVMODE: bool = setting(False, "Serve test clips.")
    ADS_DIRECTAD_DEVMODE: bool = setting(False, "Older name of ADS_ADSTREAM_DEVMODE.")
    TVMIDDLEWARE_WEATHER_WIDGET_OPENWEATHERMAP_CITY: str = setting("", "City of the weather widget.")
    TVMIDDLEWARE_WEATHER_WIDGET_OPENWEATHERMAP_APPID: SecretText = setting("", "Key at OpenWeatherMap.")
    TVMIDDLEWARE_WEATHER_WIDGET_CACHE_TIMEOUT: Count = setting(900, "Seconds the weather is kept.")
    WEATHER_DEFAULT_BACKEND: str = setting("", "Another source of the weather.")
    WEATHER_GISMETEO_TOKEN: SecretText = setting("", "Key at Gismeteo.")
    WEATHER_FOBOS_USER: str = setting("", "User at Fobos.")
    WEATHER_FOBOS_PASS: SecretText = setting("", "Password at Fobos.")
    TVMIDDLEWARE_EXCHANGE_WIDGET_CACHE_TIMEOUT: Count = setting(7200, "Seconds exchange rates are kept.")
    TVMIDDLEWARE_EXCHANGE_WIDGET_FIRST_CURRENCY: str = setting("USD", "First shown currency.")
    TVMIDDLEWARE_EXCHANGE_WIDGET_SECOND_CURRENCY: str = setting("EUR", "Second shown currency.")
    TVMIDDLEWARE_EXCHANGE_WIDGET_COUNTRY_CODE: str = setting("RU", "Source of exchange rates: RU, KG or EE.")
    TVMIDDLEWARE_RSS_WIDGET_CACHE_TIMEOUT: Count = setting(900, "Seconds news are kept.")
    TVMW_VIDEO_SCREENSHOT_BLUR_RADIUS: Count = setting(4, "Radius of the blur of locked screenshots.")


class SmsProviderSettings(BaseModel):
    """SMS providers; read by the plugin of the provider that SMS_BACKEND names"""

    SMSC_LOGIN: str = setting("", "Login at SMSC.")
    SMSC_PASSWORD: SecretText = setting("", "Password at SMSC.")
    SMSC_SENDER: str = setting("", "Sender of SMS at SMSC.")
    MOBIPACE_LOGIN: str = setting("", "Login at Mobipace.")
    MOBIPACE_PASSWORD: SecretText = setting("", "Password at Mobipace.")
    MOBIPACE_SENDER: str = setting("", "Sender of SMS at Mobipace.")
    PULSEEM_APIKEY: SecretText = setting("", "Key at Pulseem.")
    PULSEEM_SENDER_NAME: str = setting("", "Sender of SMS at Pulseem.")
    SMS_ASSIST_USERNAME: str = setting("", "Login at SMS-assistent.")
    SMS_ASSIST_PASSWORD: SecretText = setting("", "Password at SMS-assistent.")
    SMS_ASSIST_SENDER_NAME: str = setting("", "Sender of SMS at SMS-assistent.")


class ImageSettings(BaseModel):
    """Largest pictures, in pixels; without effect so far"""

    TVMW_CLIENT_LOGO_MAX_HEIGHT: Positive = setting(240, "Operator's logo.")
    TVMW_CLIENT_LOGO_MAX_WIDTH: Positive = setting(320, "Operator's logo.")
    TVMW_CLIENT_PLAY_DEVICE_LOGO_MAX_HEIGHT: Positive = setting(240, "Logo on one kind of device.")
    TVMW_CLIENT_PLAY_DEVICE_LOGO_MAX_WIDTH: Positive = setting(320, "Logo on one kind of device.")
    TVMW_CLIENT_PLAY_DEVICE_LOGO_LOGIN_MAX_HEIGHT: Positive = setting(240, "Logo at login.")
    TVMW_CLIENT_PLAY_DEVICE_LOGO_LOGIN_MAX_WIDTH: Positive = setting(320, "Logo at login.")
    TVMW_CLIENT_PLAY_DEVICE_LOGO_LOADING_MAX_HEIGHT: Positive = setting(240, "Logo while loading.")
    TVMW_CLIENT_PLAY_DEVICE_LOGO_LOADING_MAX_WIDTH: Positive = setting(320, "Logo while loading.")
    TVMW_VIDEO_POSTER_BIG_MAX_HEIGHT: Positive = setting(800, "Large poster of a film.")
    TVMW_VIDEO_POSTER_BIG_MAX_WIDTH: Positive = setting(800, "Large poster of a film.")
    TVMW_VIDEO_POSTER_SMALL_MAX_HEIGHT: Positive = setting(300, "Small poster of a film.")
    TVMW_VIDEO_POSTER_SMALL_MAX_WIDTH: Positive = setting(300, "Small poster of a film.")
    TVMW_VIDEO_FILE_PROMO_IMAGE_MAX_HEIGHT: Positive = setting(720, "Promotion picture of a film.")
    TVMW_VIDEO_FILE_PROMO_IMAGE_MAX_WIDTH: Positive = setting(1280, "Promotion picture of a film.")
    TVMW_VIDEO_SCREENSHOT_BIG_MAX_HEIGHT: Positive = setting(720, "Screenshot of a film.")
    TVMW_VIDEO_SCREENSHOT_BIG_MAX_WIDTH: Positive = setting(1280, "Screenshot of a film.")
    TVMW_EXAPP_ICON_MAX_HEIGHT: Positive = setting(600, "Icon of an application.")
    TVMW_EXAPP_ICON_MAX_WIDTH: Positive = setting(900, "Icon of an application.")
    TVMW_ACTOR_PHOTO_MAX_HEIGHT: Positive = setting(800, "Photo of an actor.")
    TVMW_ACTOR_PHOTO_MAX_WIDTH: Positive = setting(800, "Photo of an actor.")


class LicenceSettings(BaseModel):
    """Licence keys of the original product: accepted and ignored, this server needs none"""

    SMARTY_KEY: Any = setting(None, "Licence key.")
    SMARTY_MAX_CLIENTS: Any = setting(None, "Licensed operators.")
    SMARTY_AVAILABLE_UNTIL: Any = setting(None, "End of the licence.")
    SMARTY_LICENSE_PARAMS: Any = setting(None, "Licensed limits.")
