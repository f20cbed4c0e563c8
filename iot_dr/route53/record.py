"""A Route 53 record: of a stack, before or after a plan, or of an environment's settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record that leads to names: a CNAME or an alias, alone or one side of a failover pair.

    What is unknown or not there is empty. `id` is the stack and address of the resource; `name` is
    complete, in lower case and without final dot. `routing` is the policy, such as `failover` or
    `weighted`; `side` is `PRIMARY` or `SECONDARY`. `targets` are the values of a record or the one
    name of an alias, which has no `ttl` of its own. `check` is the id of the health check that
    decides on the record. One that `is_private` is in a zone that answers inside its networks
    alone, where no health check of Route 53 is.
    """

    id: str = ""
    name: str
    type: str = ""
    routing: str = ""
    side: str = ""
    targets: tuple[str, ...] = ()
    is_alias: bool = False
    evaluates_target: bool = False
    check: str = ""
    ttl: int | None = None
    is_private: bool = False

    @property
    def target(self) -> str:
        """The first of its targets, empty if none is known."""
        return next(iter(self.targets), "")

    @property
    def is_failover(self) -> bool:
        """Whether it is one side of a failover pair."""
        return self.routing == "failover"
