"""The block of an environment's settings about the data of devices, which every region holds."""

from typing import Annotated

from pydantic import Field

from environments.blocks import Block
from environments.fields import Whole


class Data(Block):
    """How long what devices tell can be got back, and how often regions compare what they hold."""

    # docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification
    point_in_time_days: Annotated[int, Whole(1, 35, "days")] = Field(
        default=35, description="days back to which home's tables can be restored, to the second"
    )
    # docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
    stream_hours: Annotated[int, Whole(24, 8760, "hours")] = Field(
        default=24, description="hours for which a region's stream keeps what devices have sent"
    )
    # Rows of deleted entities go after 90 days, which leaves room for many runs that fail.
    reconcile_hours: Annotated[int, Whole(1, 24, "hours")] = Field(
        default=24, description="hours between two comparisons of a region with the registry"
    )
