"""The file with the IoT policy's document that `existing.device_policy` names."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from pydantic import ValidationError

from environments.bounded_file import LARGEST_DOCUMENT, UnusableFileError, content_of
from environments.document import Document
from environments.errors import Mistake, SettingsError, dotted
from environments.existing import Existing
from environments.json_text import parsed_json
from environments.project import project_root, settings_file
from environments.settings import Settings

# docs.aws.amazon.com/general/latest/gr/iot-core.html (maximum policy document size): characters
# without white space.
_LONGEST_DOCUMENT: Final = 2048
_KEY: Final = ("existing", "device_policy", "document")


def check_policy_document(source: Document, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake if the file of `existing.device_policy` cannot be used."""
    try:
        block = Existing.model_validate(source.data.get("existing"))
    except ValidationError:
        return
    policy = block.device_policy
    if policy is None:
        return
    try:
        _read(folder.parent / policy.document)
    except UnusableFileError as error:
        yield source.mistake(_KEY, str(error), policy.document)


def policy_document(settings: Settings, region: str) -> str | None:
    """Return the document of the fleet's policy for a region; None without one.

    Raises SettingsError if the file can no longer be used.
    """
    existing = settings.existing
    if existing is None or existing.device_policy is None:
        return None
    policy = existing.device_policy
    try:
        text = _read(project_root() / policy.document)
    except UnusableFileError as error:
        file = settings_file(settings.environment)
        mistake = Mistake(file, None, dotted(_KEY), policy.document, str(error))
        raise SettingsError((mistake,)) from None
    return text.replace(f"arn:aws:iot:{existing.region}:", f"arn:aws:iot:{region}:")


def _read(path: Path) -> str:
    """Return a policy document without white space; raises UnusableFileError."""
    content = content_of(path, LARGEST_DOCUMENT)
    try:
        document = parsed_json(content)
    except ValueError:
        raise UnusableFileError(
            "is not JSON; expected a policy's document, as `aws iot get-policy` returns it"
        ) from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise UnusableFileError(
            "is not a policy's document; expected JSON with Version and Statement"
        )
    text = json.dumps(cast("dict[str, Any]", document), separators=(",", ":"))
    if len(text) > _LONGEST_DOCUMENT:
        raise UnusableFileError(
            f"has {len(text)} characters without white space; expected at most"
            f" {_LONGEST_DOCUMENT}, the limit of AWS IoT"
        )
    return text
