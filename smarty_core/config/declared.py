"""The settings this release acts on: one line each, with type, default and meaning. A setting belongs nowhere else.

Names of settings the product documents but nothing here reads yet are in `documented`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from smarty_core.config.kinds import (
    Address,
    Count,
    Groups,
    InstanceName,
    Language,
    Languages,
    Networks,
    Port,
    Positive,
    Seconds,
    SecretText,
    SentryConfig,
    Share,
    Sizes,
    Texts,
    Tree,
    Zone,
    setting,
)


class InstallationSettings(BaseModel):
    """The installation"""

    INSTANCE: InstanceName = setting(
        "smarty",
        "Name of this installation on hosts and servers it shares with others: cache keys, locks and `var/` "
        "are kept apart by it. The name of the settings module (`settings.prod`: prod) unless set.",
        "Имя инсталляции",
    )
    VAR_FOLDER: str = setting(
        "",
        "Folder of everything the server writes itself. `var`, for a named instance `var/<instance>`.",
        "Каталог данных",
    )
    HOST: str = setting("127.0.0.1", "Address `serve` listens on.", "Адрес сервера")
    PORT: Port = setting(8180, "Port `serve` listens on.", "Порт сервера")
    TIME_ZONE: Zone = setting(
        "UTC", "IANA zone of the server, of operators without their own, and of log lines.", "Часовой пояс"
    )
    SECRET_KEY: SecretText = setting(
        "",
        "Secret of this installation; everything encrypted in the database needs it. Written once to "
        "`<VAR_FOLDER>/secret_key` when not set.",
        "Секретный ключ",
    )
    INSTALLED_APPS: Texts = setting(
        (), "Names of modules; one that needs a plugin says which one to install.", "Модули"
    )
    SMARTY_URL: Address = setting(
        "", "Address of this installation. `http://<HOST>:<PORT>` unless set.", "Адрес Smarty"
    )
    MEDIA_ROOT: str = setting(
        "", "Folder of icons and posters. `<VAR_FOLDER>/media` unless set.", "Каталог медиафайлов"
    )
    MEDIA_BASE_URL: Address = setting(
        "",
        "What addresses of icons and posters begin with in answers. `<SMARTY_URL>/media` unless set.",
        "Адрес медиафайлов",
    )
    CORS_ORIGIN_WHITELIST: Texts = setting(
        (), "Sites whose pages may call the API from a browser; `*` is any, without cookies.", "Разрешённые домены"
    )
    TRUSTED_PROXIES: Networks = setting(
        (), "Own proxies (addresses, networks) whose X-Forwarded-For and X-Real-IP are believed.", "Доверенные прокси"
    )
    MAX_REQUEST_BYTES: Positive = setting(
        1_048_576, "Largest request body in bytes; a larger one is answered with 413.", "Размер запроса, байт"
    )
    RESERVED_SERVER_ADDRESSES: Texts = setting(
        (), "Further addresses of this service, told by HealthCheck.", "Резервные адреса"
    )
    MAX_LA: float | None = setting(None, "Load average at which HealthCheck calls the server fully used.", "Предел LA")
    MAX_USED_MEM: float | None = setting(
        None, "Used memory in percent at which HealthCheck calls the server fully used.", "Предел памяти, %"
    )
    SMARTY_DEFAULT_LANGUAGE: Language = setting("ru", "Main language of names and descriptions.", "Основной язык")
    SMARTY_ADDITIONAL_LANGUAGES: Languages = setting(
        (), "Up to five more languages: `*_lang1` ... `*_lang5` of the API.", "Дополнительные языки"
    )
    SMARTY_DEFAULT_ICON_SIZES: Sizes = setting(
        (), "Up to three more sizes (width, height) icons are kept in.", "Размеры иконок"
    )


class ServerSettings(BaseModel):
    """Database and cache"""

    DATABASES: Tree = setting(
        {},
        "Connections in Django's form; `default` is the master. SQLite in `<VAR_FOLDER>/smarty.sqlite` unless set.",
        "Базы данных",
    )
    DATABASE_URL: SecretText = setting(
        "",
        "The master database as one address, instead of DATABASES: `postgresql://user:password@host/name`.",
        "Адрес базы данных",
    )
    REPLICATED_DATABASE_SLAVES: Texts = setting((), "Names of entries of DATABASES that are read replicas.", "Реплики")
    REPLICATED_DATABASE_DOWNTIME: Seconds = setting(
        30.0, "Seconds a replica that failed is left out.", "Отключение реплики, с"
    )
    CACHES: Tree = setting(
        {}, "Cache in Django's form, `default` is used; a single Redis or a cluster. In process unless set.", "Кеш"
    )
    CACHE_URL: SecretText = setting(
        "",
        "The cache as one address, instead of CACHES: `redis://host:6379/1` or `redis+cluster://host:port,host:port`.",
        "Адрес кеша",
    )


class DeviceSettings(BaseModel):
    """Devices, sessions and streams"""

    ONLINE_SECONDS: Positive = setting(300, "A device seen in the last so many seconds is online.", "Онлайн, с")
    LOGIN_ATTEMPTS_WINDOW: Positive = setting(
        300, "Seconds in which failed logins are counted, and a refusal lasts.", "Окно попыток входа, с"
    )
    LOGIN_ATTEMPTS_PER_ABONEMENT: Count = setting(
        10, "Failed logins of one abonement before it is refused; 0 is no limit.", "Попыток на абонемент"
    )
    LOGIN_ATTEMPTS_PER_ADDRESS: Count = setting(
        100, "Failed logins from one address before it is refused; 0 is no limit.", "Попыток с адреса"
    )
    LOGIN_SESSIONS_PER_DEVICE_GROUP: Groups = setting(
        {}, "Device group (as text) and how many sessions of it one account may have.", "Сессий на группу устройств"
    )
    TVMIDDLEWARE_MULTILOGIN_ENABLED: bool = setting(
        True, "Accounts may be allowed any number of simultaneous logins.", "Мультилогин"
    )
    TVMIDDLEWARE_CLEAN_OLD_SESSIONS_DAYS: Positive = setting(
        3650, "Days after which a session nobody used is deleted.", "Хранить сессии, дней"
    )
    TVMIDDLEWARE_API_URL: Address = setting(
        "", "Address of the device API told to applications. `<SMARTY_URL>/tvmiddleware/api` unless set.", "Адрес API"
    )
    TVMIDDLEWARE_CHANNEL_AUTOSORT: Texts | None = setting(
        None,
        "Automatic orders of channels a viewer may choose; empty switches them off, None is all.",
        "Автосортировка каналов",
    )
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_TTL: Positive = setting(
        3600, "Life of a stream token in seconds; prolonged while it is used.", "Срок токена, с"
    )
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_MAX_TTL: Positive = setting(
        10800, "Seconds after which a stream token is not prolonged any more.", "Предельный срок токена, с"
    )
    TVMIDDLEWARE_STREAM_SERVICE_TOKEN_PROLONGATION_THRESHOLD_TTL: Count = setting(
        360, "Remaining seconds at which a used stream token is prolonged.", "Порог продления токена, с"
    )
    TVMIDDLEWARE_STREAM_SERVICE_AUTH_DURATION: Count = setting(
        180, "Seconds after which a video server asks about a token again.", "Перепроверка токена, с"
    )
    STREAM_TOKEN_CHECK_WHEN_UNSURE: Literal["keep", "allow", "deny"] = setting(
        "keep",
        "What a video server is told of a token it has not asked about before while the database is away: `keep` its "
        "last decision (status 503; 500 for a Flussonic), `allow` what the signature of the token allows, or `deny`.",
        "Ответ о токене без базы данных",
    )
    TVMW_DISABLE_MULTICAST_SMARTTV: bool = setting(
        True, "Smart TVs are shown and given no multicast addresses.", "Без мультикаста на Smart TV"
    )
    TVMW_DISABLE_MULTICAST_MOBILE: bool = setting(
        True, "Phones and tablets are shown and given no multicast addresses.", "Без мультикаста на мобильных"
    )
    TVMW_DONT_USE_ENDLESS_WRT: bool = setting(
        False, "Leave the flag `endless=1` out of addresses for WRT devices.", "Без endless для WRT"
    )
    TVMIDDLEWARE_CONTENT_POSITION_TTL_DAYS_VIDEO: Positive = setting(
        30, "Days a position in a film is kept.", "Хранить позицию фильма, дней"
    )
    TVMIDDLEWARE_CONTENT_POSITION_TTL_DAYS_PROGRAM: Positive = setting(
        30, "Days a position in a programme of the archive is kept.", "Хранить позицию передачи, дней"
    )
    TVMIDDLEWARE_VODPVR_TIMEOUT_OFFSET: Count = setting(
        2, "Hours before its deletion from which an archived programme is not offered.", "Скрывать до удаления, ч"
    )
    NPVR_RECORDS_PER_ACCOUNT: Count = setting(
        50, "Personal records an account may have or order; 0 is no limit.", "Личных записей на аккаунт"
    )
    NPVR_DAYS_AHEAD: Positive = setting(14, "Days ahead that a record may be ordered.", "Заказ записи вперёд, дней")
    TVMIDDLEWARE_PROGRAM_LIST_SEARCH_DAYS_PAST: Count = setting(
        1, "Days back in which programmes are searched.", "Поиск назад, дней"
    )
    TVMIDDLEWARE_PROGRAM_LIST_SEARCH_DAYS_FUTURE: Count = setting(
        1, "Days ahead in which programmes are searched.", "Поиск вперёд, дней"
    )
    TVMIDDLEWARE_PROGRAM_LIST_SEARCH_LIMIT_RESULTS_TO: Positive = setting(
        20, "Most results of a search for programmes.", "Результатов поиска"
    )
    TVMW_CONSIDER_PROGRAM_CATEGORY: bool = setting(
        True, "A channel is also listed under the categories of its programmes.", "Учитывать категории передач"
    )
    GEO_LOCATORS: Texts = setting((), "Drivers that tell where an address is, asked in this order.", "Геолокация")
    GEO_LOCATOR_SETTINGS: dict[str, Tree] = setting(
        {}, "Settings of each of these drivers, by its name.", "Настройки геолокации"
    )
    SMS_BACKEND: str = setting("", "Driver that sends SMS; dotted names of the original product work too.", "SMS-шлюз")


class GuideSettings(BaseModel):
    """Guide import"""

    EPG_ACTUAL_DAYS: Count = setting(
        14, "Days of past guide that are kept, never fewer than the deepest archive.", "Хранить программу, дней"
    )
    EPG_DAYS_AHEAD: Positive = setting(14, "Days ahead that are imported.", "Импорт вперёд, дней")
    EPG_CREATE_CATEGORIES: bool = setting(
        True, "Create categories and genres the import meets for the first time.", "Создавать категории"
    )
    EPG_SOURCE_SECONDS: Seconds = setting(3600.0, "Longest time for one source.", "Время на источник, с")
    EPG_DOWNLOAD_SECONDS: Seconds = setting(900.0, "Longest time for one download.", "Время загрузки, с")
    EPG_DOCUMENT_BYTES: Positive = setting(1_073_741_824, "Largest document that is fetched.", "Размер документа, байт")
    EPG_UNPACKED_BYTES: Positive = setting(
        4_294_967_296, "Largest size a packed document may have unpacked.", "Размер после распаковки, байт"
    )
    EPG_DOCUMENTS: Positive = setting(5000, "Most documents of one source.", "Документов источника")
    EPG_PROGRAMMES_PER_CHANNEL: Positive = setting(
        50_000, "Most programmes of one channel in one import.", "Передач на канал"
    )
    EPG_GUARD_SHARE: Share = setting(
        0.5,
        "An import that loses more than this share of a channel's coming programmes is not written.",
        "Допустимая потеря",
    )
    EPG_GUARD_LEAST: Count = setting(10, "Channels with fewer coming programmes are not guarded so.", "Порог защиты")
    EPG_FOLDER: str = setting(
        "", "Folder of temporary files of the import; the system's unless set.", "Временный каталог"
    )
    TVMW_EPG_DO_NOT_IMPORT_UNUSED: bool = setting(
        False, "Leave out guide channels that no channel uses.", "Не импортировать лишнее"
    )
    TVMW_EPG_SAVE_MULTIPLE_CATEGORIES: bool = setting(
        True, "Keep all categories of a programme, not only the first.", "Несколько категорий"
    )


class MonitoringSettings(BaseModel):
    """Monitoring"""

    HEALTH_PROBES: bool = setting(
        False, "Answer `/healthz` (the process lives) and `/readyz` (it can do its work).", "Проверки состояния"
    )
    READY_SECONDS: Seconds = setting(
        2.0, "Seconds in which the database must have answered for `/readyz` to say yes.", "Предел проверки, с"
    )
    DRAIN_NOTICE_SECONDS: Annotated[float, Field(ge=0, le=600)] = setting(
        0.0,
        "Seconds after SIGTERM in which requests are still taken while `/readyz` already says no.",
        "Предупреждение об остановке, с",
    )
    METRICS: bool = setting(False, "Measure, and answer `/metrics` in the text form of Prometheus.", "Метрики")
    METRICS_ALLOWED: Networks = setting(
        ("127.0.0.0/8", "::1/128"), "Addresses and networks that may read `/metrics`.", "Кому доступны метрики"
    )
    METRICS_TOKEN: SecretText = setting(
        "", "Whoever sends this bearer token may read `/metrics`, and nobody else.", "Ключ метрик"
    )
    METRICS_SURVEY_SECONDS: Seconds = setting(
        60.0, "Seconds after which figures that need the database are found anew.", "Период обзора, с"
    )
    STATSD_HOST: str = setting("", "Host of statsd; figures of API methods are sent there.", "Хост statsd")
    STATSD_PORT: Port = setting(8125, "Port of statsd.", "Порт statsd")
    STATSD_PREFIX: str = setting("", "What names of statsd metrics begin with.", "Префикс statsd")
    MIDDLEWARE_CLASSES: Texts = setting(
        (),
        "`core.middleware.StatsMiddleware` sends figures to statsd on this host when STATSD_HOST is not set; other "
        "names are of the original product and have no effect.",
        "Обработчики запросов",
    )
    RAVEN_CONFIG: SentryConfig = setting(
        {}, "Sentry: `{'dsn': 'https://KEY@HOST/PROJECT'}`; `environment` and `release` may be added.", "Sentry"
    )


class StreamCheckSettings(BaseModel):
    """Checks of stream services and streams"""

    STREAM_SERVICE_CHECK_FAILURES: Positive = setting(
        2, "Failed checks of a stream service in a row after which it is not chosen any more.", "Неудач до отключения"
    )
    STREAM_SERVICE_CHECK_SUCCESSES: Positive = setting(
        2, "Good checks in a row after which it is chosen again.", "Успехов до включения"
    )
    STREAM_SERVICE_CHECK_SECONDS: Seconds = setting(
        3.0, "Seconds that each check of a stream service may take.", "Время проверки сервиса, с"
    )
    STREAM_SERVICE_CHECK_TOTAL_SECONDS: Seconds = setting(
        45.0, "Seconds after which a run leaves the services alone it has not come to.", "Время всех проверок, с"
    )
    STREAM_SERVICE_CHECKS_AT_ONCE: Annotated[int, Field(ge=1, le=10_000)] = setting(
        250, "Stream services checked at once; each needs up to three open files.", "Проверок одновременно"
    )
    MONITORING_CONCURRENT_STREAMS_COUNT: Annotated[int, Field(ge=1, le=1000)] = setting(
        15, "Streams that are polled at once.", "Потоков одновременно"
    )
    MONITORING_AGENT_SOCKET_TCP_BUFFER: Annotated[int, Field(ge=256, le=1_048_576)] = setting(
        4096, "Longest answer of an analyser in bytes.", "Буфер ответа анализатора, байт"
    )
    MONITORING_STREAM_CHECKS_TTL_DAYS: Positive = setting(
        30, "Days samples and ended accidents are kept.", "Хранить замеры, дней"
    )
    MONITORING_STREAM_TEST_DURATION: Annotated[int, Field(ge=1, le=3600)] = setting(
        10, "Seconds an analyser measures one stream.", "Время замера потока, с"
    )


class MailSettings(BaseModel):
    """E-mail"""

    EMAIL_HOST: str = setting("", "SMTP server; without one no mail is sent.", "SMTP-сервер")
    EMAIL_PORT: Port = setting(25, "Port of the SMTP server.", "Порт SMTP")
    EMAIL_HOST_USER: str = setting("", "User at the SMTP server; none: without a login.", "Пользователь SMTP")
    EMAIL_HOST_PASSWORD: SecretText = setting("", "Password at the SMTP server.", "Пароль SMTP")
    EMAIL_USE_TLS: bool = setting(False, "Begin TLS with STARTTLS; a server that has none gets no mail.", "STARTTLS")
    EMAIL_USE_SSL: bool = setting(False, "TLS from the first byte (port 465) instead of STARTTLS.", "SMTP по TLS")
    EMAIL_TIMEOUT: Seconds = setting(15.0, "Seconds for handing over one mail.", "Время отправки письма, с")
    DEFAULT_FROM_EMAIL: str = setting(
        "", "Sender of service mail; EMAIL_HOST_USER when that is an address.", "Отправитель писем"
    )


class LogSettings(BaseModel):
    """Logs"""

    LOGGING: Tree = setting(
        {}, "`LOGGING['handlers']['<log>_handler']['level']` sets the level of a log; INFO unless set.", "Журналы"
    )
    LOG_FOLDER: str = setting(
        "",
        "Folder of logs without a file of their own that do not go to standard output. `<VAR_FOLDER>/log` unless set.",
        "Каталог журналов",
    )
    LOG_FILE_OWNER_USER: str = setting("", "User that owns log files made by root.", "Владелец журналов")
    LOG_FILE_OWNER_GROUP: str = setting("", "Group that owns log files made by root.", "Группа журналов")
    SMARTY_ACCOUNTS_LOG_FILE: str = setting("", "File of the log smarty_accounts.")
    SMARTY_BILLING_OUT_LOG_FILE: str = setting("", "File of the log smarty_billing_out.")
    SMARTY_BILLING_IN_LOG_FILE: str = setting("", "File of the log smarty_billing_in.")
    SMARTY_PAYMENT_LOG_FILE: str = setting("", "File of the log smarty_payment.")
    SMARTY_PORTAL_LOG_FILE: str = setting("", "File of the log smarty_portal.")
    SMARTY_EPG_LOG_FILE: str = setting("", "File of the log smarty_epg.")
    SMARTY_ADMIN_LOG_FILE: str = setting("", "File of the log smarty_admin.")
    SMARTY_CONTENT_REQUESTS_LOG_FILE: str = setting("", "File of the log smarty_content_requests.")
    SMARTY_API_REQUESTS_LOG_FILE: str = setting("", "File of the log smarty_api_requests.")
    SMARTY_MESSAGING_LOG_FILE: str = setting("", "File of the log smarty_messaging.")
    SMARTY_MANAGEMENT_LOG_FILE: str = setting("", "File of the log smarty_management.")
    SMARTY_CACHE_LOG_FILE: str = setting("", "File of the log smarty_cache.")
    SMARTY_MAIN_LOG_FILE: str = setting("", "File of the log smarty_main, and of whatever other libraries say.")
    SMARTY_STREAM_SERVICES_LOG_FILE: str = setting("", "File of the log smarty_stream_services.")
    SMARTY_VIDEOSERVICES_LOG_FILE: str = setting("", "File of the log smarty_videoservices.")
    SMARTY_SMS_LOG_FILE: str = setting("", "File of the log smarty_sms.")
    SMARTY_RQ_LOG_FILE: str = setting("", "File of the log smarty_rq.")
    SMARTY_MEGOGO_LOG_FILE: str = setting("", "File of the log smarty_megogo.")
    SMARTY_TVZAVR_LOG_FILE: str = setting("", "File of the log smarty_tvzavr.")
    SMARTY_IRDETO_LOG_FILE: str = setting("", "File of the log smarty_irdeto.")
    SMARTY_CUSTOM_LOG_FILE: str = setting("", "File of the log smarty_custom.")
    SMARTY_DEVMONITOR_LOG_FILE: str = setting("", "File of the log smarty_devmonitor.")
    SMARTY_HBB_LOG_FILE: str = setting("", "File of the log smarty_hbb.")
    SMARTY_ADS_LOG_FILE: str = setting("", "File of the log smarty_ads.")
    SMARTY_PLUGINS_LOG_FILE: str = setting("", "File of the log smarty_plugins: what plugins say.")
