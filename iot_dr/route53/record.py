"""A Route 53 record of a stack, of a plan, or of an environment's settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A CNAME, address or alias record, simple or one side of a failover pair.

    Unknown or missing fields are empty. `id` is the stack and address of the resource; `name` is
    fully qualified, in lower case, without final dot. `routing` is the routing policy, such as
    `failover` or `weighted`; `side` is `PRIMARY` or `SECONDARY`. `targets` are the values of a
    record or the name of an alias, which has no `ttl`. `check` is the id of its health check.
    `is_private` means that it is in a private zone, which health checkers cannot query.
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
        """The first target, empty if there is none."""
        return next(iter(self.targets), "")

    @property
    def is_failover(self) -> bool:
        """Whether it has failover routing."""
        return self.routing == "failover"
