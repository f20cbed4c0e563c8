"""A made-up account and its commands, without AWS, Terraform or a broker: all that a run sees."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from environments.settings import Settings
from iot_dr.acceptance.command import CommandResult
from iot_dr.acceptance.device import AcceptanceDevice, Joined
from iot_dr.acceptance.fault import POLICY
from iot_dr.acceptance.message import Published
from iot_dr.acceptance.tools import RunTools, WallClock
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import CredentialsError, RequestRefusedError
from tests.support.drill_worlds import write_stacks
from tests.support.state_files import state_file, state_resource
from tests.support.synthesis import Synthesis

_BEGINS = 1_795_860_000.0
_DENIED_AFTER = 90.0


@dataclass
class Account:
    """An environment that works as designed, unless a test says otherwise.

    `lapses` lets the switch fall back without data, `stuck` lets nothing follow a switch back;
    `blind` lets no check see a canary that fails; without `latches` there is no watcher. `drift`
    are addresses that a plan would change. `standing` are the stacks whose states have resources;
    `is_stale` lets clients fail until they are made again. `failing` are the errors of AWS's calls,
    by their method. `joined` has thing, region and time by certificate; other regions know it
    `replicated_after` seconds later. `unseen` is how often a status does not see something.
    `on_command` hears each command before it runs.
    """

    folder: Path
    standing: tuple[str, ...] = ()
    account_id: str = "111111111111"
    lapses: bool = False
    stuck: bool = False
    blind: bool = False
    latches: bool = True
    drift: list[str] = field(default_factory=list[str])
    is_stale: bool = False
    unseen: dict[str, int] = field(default_factory=dict[str, int])
    failing: dict[str, RequestRefusedError] = field(default_factory=dict[str, RequestRefusedError])
    now: float = _BEGINS
    away_since: float | None = None
    denied_since: float | None = None
    commands: list[str] = field(default_factory=list[str])
    calls: list[tuple[str, str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, str, dict[str, Any]]]
    )
    joined: dict[str, tuple[str, str, float]] = field(
        default_factory=dict[str, tuple[str, str, float]]
    )
    replicated_after: float = 20.0
    on_command: Callable[[str], None] = lambda _: None
    on_sleep: Callable[[], None] = lambda: None

    def tools(self, settings: Settings, folder: Path, show: Callable[[str], None]) -> RunTools:
        """Return what a run works with, for `run` of the command line."""
        clients = _Recorded(self)

        def command(*words: str) -> CommandResult:
            line = " ".join(words)
            self.on_command(line)
            self.commands.append(line)
            return self._ran(settings, words)

        return RunTools(
            settings=settings,
            command=command,
            clients=clients,
            clock=WallClock(lambda: self.now, self._sleep),
            publish=lambda _device, _payload: Published(self._leads_to(settings), "192.0.2.1"),
            join=self._join,
            device=AcceptanceDevice(settings=settings, clients=clients, folder=folder / "device"),
            folder=folder,
            show=show,
            backend="A made-up account",
        )

    def _join(self, device: AcceptanceDevice, region: str, thing: str) -> Joined:
        joined = device.note_joined(thing, f"{len(device.joined):064x}")
        self.joined[joined.certificate_id] = thing, region, self.now
        return joined

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.on_sleep()

    def _leads_to(self, settings: Settings) -> str:
        is_switched = self._is_away or not self._deep
        return settings.standbys[0] if is_switched else settings.primary_region

    @property
    def _is_away(self) -> bool:
        if self.lapses and self.away_since is not None and self.now > self.away_since + 300:
            self.away_since = None
        return self.away_since is not None

    @property
    def _deep(self) -> bool:
        if self.blind or self.denied_since is None:
            return True
        is_well = self.now < self.denied_since + _DENIED_AFTER
        if not is_well and self.latches and self.away_since is None:
            self.away_since = self.now
        return is_well

    def _ran(self, settings: Settings, words: tuple[str, ...]) -> CommandResult:
        if words[0] == "synth":
            out = Path(words[2])
            if not out.exists():
                write_stacks(Synthesis(self.folder)(settings), out)
            return CommandResult(0, {"stacks": []}, "")
        if words[0] == "switch":
            if words[1] == "away":
                self.away_since = self.now
            elif not self.stuck:
                self.away_since = None
            return CommandResult(0, {"alarm": "OK"}, "")
        if words[0] == "status":
            return CommandResult(0, self._status(settings), "")
        changes = [{"address": each, "action": "update"} for each in self.drift]
        stack = {"name": "iot-dev-state", "changes": changes if words[0] == "plan" else []}
        return CommandResult(2 if changes and words[0] == "plan" else 0, {"stacks": [stack]}, "")

    def _status(self, settings: Settings) -> dict[str, Any]:
        deep, region = self._deep, self._leads_to(settings)
        answer = {"target": settings.regional_name(region), "region": region, "ttl": 60}
        unseen = {"unknown": "no answer in time"}
        missing = {what for what, looks in self.unseen.items() if looks}
        self.unseen.update({what: self.unseen[what] - 1 for what in missing})

        def known(what: str, seen: object) -> object:
            return unseen if what in missing else seen

        return {
            "verdict": "ok" if region == settings.primary_region else "degraded",
            "reasons": [],
            "by_dns": [
                {"server": "ns-1", "kind": "authoritative", "answer": known("by_dns", answer)}
            ],
            "regions": [
                {
                    "region": region,
                    "switch": known("switch", "ALARM" if self._is_away and not number else "OK"),
                    "checks": {
                        "deep": known("deep", {"healthy": deep or number > 0}),
                        "tcp": {"healthy": True},
                    },
                    "endpoint": known("TLS", {}),
                }
                for number, region in enumerate(settings.failover_order)
            ],
        }

    def called(self, service: str, region: str, method: str, given: dict[str, Any]) -> Any:
        """Answer a call of AWS."""
        self.calls.append((region, method, given))
        if error := self.failing.get(method):
            raise error
        if method == "put_role_policy":
            assert given["PolicyName"] == POLICY
            self.denied_since = self.denied_since or self.now
        if method == "delete_role_policy":
            if self.denied_since is None:
                raise RequestRefusedError("iam: there is none", "NoSuchEntity")
            self.denied_since = None
        if service == "s3":
            return self._state(given["Key"].removesuffix(".tfstate").removeprefix("dev/"))
        if method in {"describe_certificate", "list_principal_things", "list_attached_policies"}:
            return self._known(region, given)
        return {"Account": self.account_id} if service == "sts" else {}

    def _known(self, region: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return what the three calls together say of a certificate in a region."""
        (asked,) = given.values()
        thing, at, since = self.joined[asked.rpartition("/")[2]]
        if region != at and self.now < since + self.replicated_after:
            raise RequestRefusedError("iot: there is none", "ResourceNotFoundException")
        policies = [{"policyName": "example-dev-device"}]
        certificate = {"status": "ACTIVE"}
        return {"certificateDescription": certificate, "things": [thing], "policies": policies}

    def _state(self, stack: str) -> dict[str, Any]:
        """Return the state of a stack: none, or an empty one for what was destroyed."""
        if stack not in self.standing and not stack.endswith("entry-point"):
            raise RequestRefusedError("s3: there is none", "NoSuchKey")
        resources = [state_resource("aws_iot_policy.device")] if stack in self.standing else []
        return {"Body": BytesIO(state_file(*resources))}


class _Recorded(Clients):
    def __init__(self, account: Account) -> None:
        super().__init__(None)
        self._account = account

    def renew(self) -> None:
        self._account.is_stale = False

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        if self._account.is_stale:
            raise CredentialsError(f"{service}: the AWS credentials have expired")
        return self._account.called(service, region, method, dict(arguments))


def no_join(_device: AcceptanceDevice, _region: str, _thing: str) -> Joined:
    """Fail: an environment without provisioning lets no device join."""
    raise AssertionError
