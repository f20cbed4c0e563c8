"""The identity of a design, by which a later command recognizes what was judged."""

import hashlib
import json
from importlib.metadata import version

from environments.existing_files import policy_document
from environments.settings import Settings
from stacks.provisioning_names import device_ca_ids


def design_digest(settings: Settings) -> str:
    """Return the SHA-256 of the settings, the files that they name, and this package's version.

    It is the same before and after a cut-over (`existing.cut_over`), so that the design can be
    judged before. Raises SettingsError if a file cannot be used.
    """
    content = {
        "version": version("iot-dr"),
        "settings": settings.after_cut_over.model_dump(mode="json"),
        "device_policy": policy_document(settings, settings.primary_region),
        "device_ca": device_ca_ids(settings),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
