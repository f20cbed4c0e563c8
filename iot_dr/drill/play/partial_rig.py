"""Rigs of few parts."""

from dataclasses import MISSING, fields
from typing import Any

from iot_dr.drill.rig.rig import Rig


def rig_of(**parts: Any) -> Rig:  # noqa: ANN401 - the parts take the places of others
    """Return a rig of these parts; all others are None."""
    absent: dict[str, Any] = {
        each.name: None for each in fields(Rig) if each.default_factory is MISSING
    }
    return Rig(**{**absent, **parts})
