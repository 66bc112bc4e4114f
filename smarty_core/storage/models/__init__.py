"""All tables of the core, one module per thing. Import models from here."""

from smarty_core.storage.models.account import Account, AccountSubnet
from smarty_core.storage.models.blocking import ProgramBlocking
from smarty_core.storage.models.camera import Camera, account_camera, camera_stream_service, tariff_camera
from smarty_core.storage.models.channel import (
    AccountChannel,
    Category,
    Channel,
    ChannelSort,
    ChannelSortItem,
    channel_category,
    channel_stream_service,
)
from smarty_core.storage.models.client import Client
from smarty_core.storage.models.customer import Customer
from smarty_core.storage.models.device import Device
from smarty_core.storage.models.epg import (
    EpgCategory,
    EpgChannel,
    EpgChannelSource,
    EpgDay,
    EpgGenre,
    EpgPremiereSource,
    EpgSource,
    EpgSourceCategoryMap,
    EpgSourceGenreMap,
    Programme,
    epg_channel_category,
)
from smarty_core.storage.models.maintenance import Maintenance, maintenance_channel, maintenance_stream_service
from smarty_core.storage.models.message import DeviceCommand, Message
from smarty_core.storage.models.monitor import (
    Accident,
    Address,
    AddressGroup,
    MonitoredStream,
    StreamMonitor,
    StreamSample,
    StreamTrigger,
    trigger_address_group,
)
from smarty_core.storage.models.npvr import NpvrTask
from smarty_core.storage.models.place import City, Country
from smarty_core.storage.models.play_device import ClientPlayDevice, PlayDevice, PlayDeviceTemplate
from smarty_core.storage.models.plugin import PluginAttribute, PluginInstance
from smarty_core.storage.models.position import ContentPosition
from smarty_core.storage.models.radio import Radio, radio_stream_service, tariff_radio
from smarty_core.storage.models.session import Session
from smarty_core.storage.models.stream import DataCenter, StreamService, StreamToken
from smarty_core.storage.models.system import CommandLock, JobRun, OutboxEvent, TagVersion
from smarty_core.storage.models.tariff import (
    AccountTariff,
    CustomerTariff,
    Tariff,
    tariff_channel,
    tariff_city,
    tariff_country,
    tariff_stream_service,
)
from smarty_core.storage.models.user import User, UserRight
from smarty_core.storage.models.video import Video, VideoFile, tariff_video, video_stream_service

__all__ = [
    "Accident", "Account", "AccountChannel", "AccountSubnet", "AccountTariff", "Address", "AddressGroup", "Camera",
    "Category", "Channel", "ChannelSort", "ChannelSortItem", "City", "Client", "ClientPlayDevice", "CommandLock",
    "ContentPosition", "Country", "Customer", "CustomerTariff", "DataCenter", "Device", "DeviceCommand",
    "EpgCategory", "EpgChannel", "EpgChannelSource", "EpgDay", "EpgGenre", "EpgPremiereSource", "EpgSource",
    "EpgSourceCategoryMap", "EpgSourceGenreMap", "JobRun", "Maintenance", "Message", "MonitoredStream", "NpvrTask",
    "OutboxEvent", "PlayDevice", "PlayDeviceTemplate", "PluginAttribute", "PluginInstance", "ProgramBlocking",
    "Programme", "Radio", "Session", "StreamMonitor", "StreamSample", "StreamService", "StreamToken",
    "StreamTrigger", "TagVersion", "Tariff", "User", "UserRight", "Video", "VideoFile", "account_camera",
    "camera_stream_service", "channel_category", "channel_stream_service", "epg_channel_category",
    "maintenance_channel", "maintenance_stream_service", "radio_stream_service", "tariff_camera", "tariff_channel",
    "tariff_city", "tariff_country", "tariff_radio", "tariff_stream_service", "tariff_video",
    "trigger_address_group", "video_stream_service",
]  # fmt: skip
