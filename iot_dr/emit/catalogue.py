"""All emitted modules by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.modules.canary import CANARY
from iot_dr.emit.modules.device_data import DEVICE_DATA
from iot_dr.emit.modules.device_registry import DEVICE_REGISTRY
from iot_dr.emit.modules.entry_point import ENTRY_POINT
from iot_dr.emit.modules.hosted_zone import HOSTED_ZONE
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.modules.regional_endpoint import REGIONAL_ENDPOINT
from iot_dr.emit.modules.state_backend import STATE_BACKEND
from iot_dr.emit.modules.telemetry import TELEMETRY

CATALOGUE: Final[Mapping[str, Blueprint]] = MappingProxyType(
    {
        blueprint.name: blueprint
        for blueprint in (
            *(STATE_BACKEND, HOSTED_ZONE, REGIONAL_ENDPOINT, CANARY, DEVICE_DATA, TELEMETRY),
            *(DEVICE_REGISTRY, ENTRY_POINT, PLATFORM),
        )
    }
)
