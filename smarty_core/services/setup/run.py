"""`setup_initial_data`: system objects, and unless told otherwise the sample operator with its guide and icons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from smarty_core.config import Settings
from smarty_core.services.setup.initial import setup_system_objects
from smarty_core.services.setup.sample import VIDEO_PATH, SampleLogin, SamplePlaces, sample_login, setup_sample_operator
from smarty_core.services.setup.sample_guide import write_sample_guide
from smarty_core.services.setup.sample_icons import draw_sample_icons
from smarty_core.storage.database import Database
from smarty_core.storage.vault import Vault

ICONS_FOLDER = "sample"
GUIDE_FILE = "sample/guide.xml"


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What was added, and the sample operator's login when there is one."""

    added: dict[str, int]
    login: SampleLogin | None


class Setup:
    """Fills a new installation; safe to repeat."""

    def __init__(self, *, database: Database, vault: Vault, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._clock = clock
        self._languages = [settings.SMARTY_DEFAULT_LANGUAGE, *settings.SMARTY_ADDITIONAL_LANGUAGES]

    def run(self, *, sample: bool) -> SetupReport:
        """Add what is missing."""
        added = setup_system_objects(self._database, self._languages)
        if not sample:
            return SetupReport(added, None)
        self.renew_sample_guide()
        draw_sample_icons(Path(self._settings.MEDIA_ROOT) / ICONS_FOLDER, self._settings.SMARTY_DEFAULT_ICON_SIZES)
        places = SamplePlaces(
            guide_file=self.guide_file,
            icons=ICONS_FOLDER,
            video_url=self._settings.SMARTY_URL.rstrip("/") + VIDEO_PATH,
        )
        login = setup_sample_operator(self._database, self._vault, languages=self._languages, places=places)
        return SetupReport(added, login)

    @property
    def guide_file(self) -> Path:
        """Where the sample guide is written; the sample source reads it from there."""
        return Path(self._settings.MEDIA_ROOT).absolute().parent / GUIDE_FILE

    def renew_sample_guide(self) -> int:
        """Write the sample guide around today; how many programmes it holds."""
        return write_sample_guide(self.guide_file, self._clock().date())

    def sample_login(self) -> SampleLogin | None:
        """The login of the sample operator, when he exists."""
        return sample_login(self._database, self._vault)
