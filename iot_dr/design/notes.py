"""What a proof assumes or does not know of a design, and sentences about what is not understood."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum


class NoteKind(Enum):
    """What a note says: the value is its sentence, with the names of the note's fields."""

    OTHER_ROUTING = "{name} has {routing} records: any healthy one may be answered"
    DIFFERENT_KEYS = (
        "the certificates of {name} have different keys in its regions ({keys}): assumed that"
        " devices accept each"
    )
    OTHER_SWITCH = "the switch of {region} also takes devices from {place}: {address} follows it"
    UNDECLARED = "{subject} is not declared here: assumed healthy"
    UNDECLARED_OF_PLACE = (
        "{subject} is not declared here: assumed to fail whenever devices are not served by {place}"
    )
    UNKNOWN_SERVER = "{address} is assumed to fail whenever a device cannot connect in {region}"
    UNKNOWN_TARGET = "where {address} leads is not known"
    UNKNOWN_REGION = "in which region {address} serves {name} is not known"
    UNKNOWN_CHECKED = "what {address} checks is not known: assumed healthy"
    UNKNOWN_CHECK = "which health check {expression} is"
    INFERRED = "{argument} of {address}: a plan has only the references of its expression"
    TARGET_WITHOUT_RECORD = "{address} leads to {name}: {problem}"
    CHECKED_WITHOUT_RECORD = "{address} checks {name}: {problem}"
    CHECKED_FAILOVER_NAME = "{address} checks a failover name: what it finds is not known"
    ENDPOINT_TYPE = (
        "{address} names no endpoint type, and AWS documents no default: assumed {endpoint}"
    )
    UNDECLARED_ALARM = "{address} follows an alarm that is not declared in {region}: {name}"
    ALARM_OF_REGION = "{address} is assumed to see every failure of {region}"
    ROUTING_CONTROL = "{address} follows a routing control, which is assumed to be on"
    IDLE_WATCHER = "{address} puts no switch: {problem}"
    IDLE_PUBLISHER = "{address} publishes no switch: {problem}"
    LAST_STATUS = (
        "{address} keeps its last status without data: AWS promises that, and advises against it"
        " where data may be missing for more than a few hours"
    )
    UNREGISTERED = (
        "{address} writes no register of the switch of {switched} in {region}: {problem}, so that"
        " what it puts there holds only as long as Route 53 remembers it"
    )
    UNKNOWN_HISTORY = (
        "{address} cannot read in {region} whether a primary was ever healthy: it may switch a new"
        " one away before its certificate is served"
    )
    ANSWER_NOT_FOLLOWED = "{address} does not follow the answer: it may not read {name}"
    SHORT_REQUEST = "a request of {address} ends after {seconds} s, and Route 53 waits {response} s"
    SEARCHED = "{address} is assumed to find {text} in the answer of {function}"
    TOPICS = "the topics of the fleet, whose IoT policy in {region} is its own"
    POLICY = "the IoT policy of devices in {region}: {clause}"
    ACCOUNT_TRAIL = (
        "calls to AWS IoT in {region} are assumed to be logged by a trail of the account, as"
        " data.create_trail is false"
    )
    UNREAD = "{argument}"
    """An argument that may matter and is not read."""
    DEVIATION = "{sentence}"
    """A difference from the settings that no device notices."""
    DELAY = "{delay}"
    """A difference from the settings with which devices follow sooner or later."""
    OPEN_POLICY = (
        "the IoT policy of devices in {regions} lets a certificate that is not attached to the"
        " device's thing connect as the device"
    )
    FAULT = "{fault}"
    """What is wrong for devices, their data or people, in no state that the proof visits."""


UNKNOWN_KINDS = frozenset((NoteKind.UNKNOWN_TARGET, NoteKind.UNKNOWN_REGION))
"""Without what such a note names nothing is proved."""
INFERRED_KINDS = frozenset((NoteKind.UNKNOWN_CHECK, NoteKind.INFERRED))
"""Without what such a note names nothing is disproved either."""


FAULT_KINDS = frozenset(
    (
        *(NoteKind.FAULT, NoteKind.OPEN_POLICY, NoteKind.DELAY),
        *(NoteKind.IDLE_WATCHER, NoteKind.UNKNOWN_HISTORY),
        *(NoteKind.IDLE_PUBLISHER, NoteKind.UNREGISTERED),
        *(NoteKind.ANSWER_NOT_FOLLOWED, NoteKind.OTHER_SWITCH, NoteKind.UNDECLARED_ALARM),
        *(NoteKind.SHORT_REQUEST, NoteKind.TARGET_WITHOUT_RECORD),
        NoteKind.CHECKED_WITHOUT_RECORD,
    )
)
"""What such a note names is wrong: the rule `settings-not-met` reports it. Others are assumed."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note, with its fields by name."""

    kind: NoteKind
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """A sentence without a final dot."""
        return self.kind.value.format(**dict(self.fields))


@dataclass(slots=True)
class Notes:
    """Notes, each once, in the order in which they came up."""

    _notes: dict[Note, None] = field(default_factory=dict[Note, None])

    def add(self, kind: NoteKind, **fields: str | None) -> None:
        """Add a note of a kind."""
        self._notes[Note(kind, tuple((name, f"{value}") for name, value in fields.items()))] = None

    def extend(self, notes: Iterable[Note]) -> None:
        """Add notes."""
        self._notes.update(dict.fromkeys(notes))

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes."""
        return tuple(self._notes)

    def of(self, kinds: Collection[NoteKind]) -> Iterator[Note]:
        """Yield the notes of some kinds."""
        return (note for note in self._notes if note.kind in kinds)


@dataclass(slots=True)
class Sentences:
    """Sentences about what is not understood, each once, in the order in which they came up."""

    _sentences: dict[str, None] = field(default_factory=dict[str, None])

    def add(self, sentence: str) -> None:
        """Add a sentence without a final dot."""
        self._sentences[sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences."""
        return tuple(self._sentences)
