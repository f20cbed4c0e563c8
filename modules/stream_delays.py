"""Device data streams: their key, and times of their consumers in seconds; without CDKTF."""

from typing import Final

STREAM_KEY: Final = "alias/aws/kinesis"
"""The key of AWS that encrypts a stream."""

MAXIMUM_RECORD_AGE: Final = 604_800
"""The maximum of a consumer's `MaximumRecordAgeInSeconds`; a stream may keep records longer.

docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

TABLE_STREAM_RETENTION: Final = 86_400
"""How long the stream of a table keeps a record; what follows it gives up no sooner.

docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
"""

LATE_AGE: Final = 300
"""The age of a record from which its consumer counts as late."""

LATE_PERIOD: Final = 60
"""The period of the alarm on late consumers."""

LATE_PERIODS: Final = 5
"""The consecutive late periods after which the alarm goes off."""

TELEMETRY_WINDOW: Final = 1
"""The batching window of the function that writes device states."""
