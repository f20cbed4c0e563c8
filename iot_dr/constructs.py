"""The public API of constructs: what a CDKTF app of one's own puts into its stacks.

Each construct takes a scope, an id and its inputs, and has typed `outputs`; `resource` returns what
it creates. Semantic versioning applies to the names in `__all__`. Importing the module starts the
engine.
"""

from modules.calculated_health_check import (
    CalculatedHealthCheck,
    CalculatedHealthCheckInputs,
    CalculatedHealthCheckOutputs,
)
from modules.canary import Canary, CanaryInputs
from modules.certificate import Certificate, CertificateInputs, CertificateOutputs
from modules.context import Context
from modules.deep_health import DeepHealth, DeepHealthInputs, DeepHealthOutputs
from modules.entry_point import EntryPoint, EntryPointInputs, EntryPointOutputs, EntryRegion
from modules.function import FunctionOutputs
from modules.hosted_zone import HostedZone, HostedZoneInputs, HostedZoneOutputs
from modules.inputs import InputError
from modules.module import Module, Named
from modules.number import Unknown
from modules.regional_endpoint import (
    RegionalEndpoint,
    RegionalEndpointInputs,
    RegionalEndpointOutputs,
)
from modules.state_bucket import StateBucket, StateBucketInputs, StateBucketOutputs
from modules.switch import Switch, SwitchInputs, SwitchOutputs
from modules.tcp_health_check import TcpHealthCheck, TcpHealthCheckInputs, TcpHealthCheckOutputs

__all__ = [
    "CalculatedHealthCheck",
    "CalculatedHealthCheckInputs",
    "CalculatedHealthCheckOutputs",
    "Canary",
    "CanaryInputs",
    "Certificate",
    "CertificateInputs",
    "CertificateOutputs",
    "Context",
    "DeepHealth",
    "DeepHealthInputs",
    "DeepHealthOutputs",
    "EntryPoint",
    "EntryPointInputs",
    "EntryPointOutputs",
    "EntryRegion",
    "FunctionOutputs",
    "HostedZone",
    "HostedZoneInputs",
    "HostedZoneOutputs",
    "InputError",
    "Module",
    "Named",
    "RegionalEndpoint",
    "RegionalEndpointInputs",
    "RegionalEndpointOutputs",
    "StateBucket",
    "StateBucketInputs",
    "StateBucketOutputs",
    "Switch",
    "SwitchInputs",
    "SwitchOutputs",
    "TcpHealthCheck",
    "TcpHealthCheckInputs",
    "TcpHealthCheckOutputs",
    "Unknown",
]
