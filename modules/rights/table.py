"""What Terraform needs for each type of resource."""

from collections.abc import Mapping
from typing import Final

from modules.rights.buckets import BUCKETS
from modules.rights.functions import FUNCTIONS
from modules.rights.identities import IDENTITIES
from modules.rights.messages import MESSAGES
from modules.rights.names import NAMES
from modules.rights.pipelines import PIPELINES
from modules.rights.right import Right

TABLE: Final[Mapping[str, tuple[Right, ...]]] = {
    **BUCKETS,
    **FUNCTIONS,
    **IDENTITIES,
    **MESSAGES,
    **NAMES,
    **PIPELINES,
}
"""Rights by resource type; data sources are among them, by the type that they read."""
