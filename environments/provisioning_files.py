"""The files that the block `data.provisioning` names."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from environments import ca_certificate, document
from environments.bounded_file import UnusableFileError
from environments.ca_certificate import CaCertificate
from environments.errors import Mistake, SettingsError, dotted
from environments.provisioning import JustInTimeProvisioning
from environments.settings import Settings

ROOT: Final = Path(__file__).parents[1]
"""The project's root, from which on the settings name files."""

_KEY: Final = ("data", "provisioning", "ca_certificate")


def about_ca_certificate(source: document.Document, name: str, folder: Path) -> Iterator[Mistake]:
    """Yield what is wrong with the CA's file in the document of the environment `name`.

    That it has expired is not among it: no command for an outage may fail by the calendar.
    """
    given = _given(source.data)
    if given is None:
        return
    try:
        ca_certificate.read(folder.parent / given)
    except UnusableFileError as error:
        yield Mistake(f"{name}.yaml", source.lines.get(_KEY), dotted(_KEY), given, str(error))


def device_ca(settings: Settings, root: Path = ROOT) -> CaCertificate | None:
    """Return the certificate of the CA that signs those of the devices, None where there is none.

    Raises:
        SettingsError: its file is not what it was when the settings were loaded.
    """
    block = _block(settings)
    if block is None:
        return None
    try:
        return ca_certificate.read(root / block.ca_certificate)
    except UnusableFileError as error:
        raise _refused(settings, block, str(error)) from None


def valid_device_ca(settings: Settings, root: Path = ROOT) -> CaCertificate | None:
    """Return the same, for whoever asks before it is to be registered.

    Raises:
        SettingsError: as `device_ca` does, or it has expired or is not valid yet.
    """
    found, block = device_ca(settings, root), _block(settings)
    if found and block and (fault := found.fault_at(datetime.now(UTC))):
        raise _refused(settings, block, fault)
    return found


def _block(settings: Settings) -> JustInTimeProvisioning | None:
    block = settings.data.provisioning if settings.data else None
    return block if isinstance(block, JustInTimeProvisioning) else None


def _refused(settings: Settings, block: JustInTimeProvisioning, message: str) -> SettingsError:
    file = f"{settings.environment}.yaml"
    return SettingsError((Mistake(file, None, dotted(_KEY), block.ca_certificate, message),))


def _given(data: dict[str, object]) -> str | None:
    """Give the path, where the block is one that its own rules accept."""
    block = cast("dict[str, Any]", data.get("data")) if isinstance(data.get("data"), dict) else {}
    try:
        return JustInTimeProvisioning.model_validate(block.get("provisioning")).ca_certificate
    except ValidationError:
        return None
