"""What Terraform needs for each type of resource."""

from collections.abc import Mapping
from typing import Final

from modules.rights.buckets import BUCKETS
from modules.rights.data import DATA
from modules.rights.events import EVENTS
from modules.rights.functions import FUNCTIONS
from modules.rights.identities import IDENTITIES
from modules.rights.joining import JOINING
from modules.rights.messages import MESSAGES
from modules.rights.names import NAMES
from modules.rights.pipelines import PIPELINES
from modules.rights.right import Right
from modules.rights.streams import STREAMS

OF_DATA: Final = frozenset(
    (*DATA, *EVENTS, *STREAMS, "aws_iam_role_policy_attachment"),
)
"""Types that an environment without the data of devices has none of."""

OF_JOINING: Final = frozenset(JOINING)
"""Types that an environment has none of which devices do not join by themselves."""

TABLE: Final[Mapping[str, tuple[Right, ...]]] = {
    **BUCKETS,
    **DATA,
    **EVENTS,
    **FUNCTIONS,
    **IDENTITIES,
    **JOINING,
    **MESSAGES,
    **NAMES,
    **PIPELINES,
    **STREAMS,
}
"""Rights by resource type; data sources are among them, by the type that they read."""
