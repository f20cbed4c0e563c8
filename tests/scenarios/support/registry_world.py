"""The registries of an environment's regions in a made-up account, and their replication.

moto's replicas of a table are empty, so a test transfers rows; functions never run there, and it
supports neither lists of CA certificates nor statistics of an index.
"""

import json
import shlex
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest

from environments.project import ROOT_VARIABLE
from environments.settings import Settings
from functions.registry.access import RegistryAccess
from functions.registry.capture import Capture
from functions.registry.entity import Entity, Kind
from functions.registry.resolution import own_row
from functions.registry.row import DeadLetter
from functions.registry.stamp import HybridClock, wall_clock
from functions.registry.table import BRAKE_KEY, RegistryTable
from iot_dr.cli.commands import groups
from iot_dr.cli.registry import status, sync
from iot_dr.drill.play.account import client, variables
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply, faults_before
from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.status import StatusReader
from iot_dr.operate.registry.sync import Sync, SyncClock
from tests.support.aws_account import account
from tests.support.command import ROOT, iot_dr_here
from tests.support.registry_table import create_registry_table

_PATIENT: Final = CallLimits(connect=20, read=60, attempts=1)
_NONE: Final = Reply(200, b'{"certificates": []}', "application/json")
_STARTED: Final = Reply(202, b"", "application/json")


@dataclass
class RegistryWorld:
    """Regions with an empty registry each, and with tables and queues, behind `faults`.

    The settings are those of the environment in `project`.
    """

    settings: Settings
    faults: Faults
    endpoint: str
    project: Path

    @property
    def names(self) -> RegistryNames:
        return RegistryNames.of(self.settings)

    def client(self, service: str, region: str) -> Any:
        return client(service, region, self.endpoint)

    def log(self, region: str) -> RegistryTable:
        return RegistryTable(self.client("dynamodb", region), self.names.table)

    def access(self, region: str) -> RegistryAccess:
        iot, data = self.client("iot", region), self.client("iot-data", region)
        return RegistryAccess(iot, data, region, self.settings.account_id, self.names.excluded)

    def capture(self, region: str) -> None:
        """Record a region's registry, as its functions do."""
        access = self.access(region)
        write_down = Capture(access=access, table=self.log(region), clock=HybridClock(region))
        for kind in (each for each in Kind if each is not Kind.CA_CERTIFICATE):
            for page in access.entities(kind):
                for entity in page.entities:
                    write_down(entity)
        self.replicate()

    def delete(self, region: str, key: str) -> None:
        """Delete an entity as a user does, and record that as the region's functions do."""
        access, entity = self.access(region), Entity.parse(key)
        access.write(entity, None)
        Capture(access=access, table=self.log(region), clock=HybridClock(region))(entity)
        self.replicate()

    def messages(self, region: str, queue: str) -> list[str]:
        """Return the entities that the messages of a queue name, at most ten."""
        sqs = self.client("sqs", region)
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        return [json.loads(message["Body"])["entity"] for message in messages]

    def brake(self, region: str) -> dict[str, Any]:
        """Return what the brake of a region counts."""
        key = {"entity": {"S": BRAKE_KEY}, "region": {"S": region}}
        table = self.client("dynamodb", region)
        return table.get_item(TableName=self.names.table, Key=key)["Item"]

    def dead_letter(self, region: str, key: str, reason: str) -> None:
        """Record that a region has dead-lettered an entity."""
        log, entity = self.log(region), Entity.parse(key)
        own = own_row(log.rows(entity), entity, region)
        dead_letter = DeadLetter(reason=reason, at=wall_clock(), attempts=9)
        log.put(replace(own, dead_letter=dead_letter), own.revision)
        self.replicate()

    def replicate(self) -> None:
        """Copy each region's own rows into the other replicas."""
        for source in self.settings.regions:
            items = self.client("dynamodb", source).scan(TableName=self.names.table)["Items"]
            own = [item for item in items if item["region"]["S"] == source]
            for target in (each for each in self.settings.regions if each != source):
                table = self.client("dynamodb", target)
                for item in own:
                    table.put_item(TableName=self.names.table, Item=item)

    def undo(self, region: str, *keys: str) -> None:
        """Delete all entities of a region and their rows."""
        for key in keys:
            self.access(region).write(Entity.parse(key), None)
            for replica in self.settings.regions:
                row = {"entity": {"S": key}, "region": {"S": region}}
                self.client("dynamodb", replica).delete_item(TableName=self.names.table, Key=row)

    def run(self, command: str, code: int = 0, cwd: Path | None = None) -> str:
        """Run a line `iot-dr ...`, which must end with this status; return its output."""
        return self._done(command, code, cwd).stdout

    def refused(self, command: str, code: int) -> str:
        """Run a line that ends with this status; return its error message."""
        return self._done(command, code, None).stderr

    def _done(self, command: str, code: int, cwd: Path | None) -> subprocess.CompletedProcess[str]:
        program, *arguments = shlex.split(command)
        assert program == "iot-dr", command
        led = {**variables(self.faults.endpoint), ROOT_VARIABLE: str(self.project)}
        done = iot_dr_here(*arguments, cwd=cwd or self.project, **led)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def status(self, command: str, code: int = 0) -> str:
        """Run `iot-dr registry status ...` as `run` does, with a timeout for a busy machine."""
        given = _given(command, "status")
        assert given.pop("env") == self.settings.environment
        return self._printed(lambda: status.run(self._reader(), **given), code)

    def sync(self, command: str, code: int = 0) -> str:
        """Run `iot-dr registry sync ...` like `status`, with a clock whose pauses take no time."""
        given = _given(command, "sync")
        assert given.pop("env") == self.settings.environment
        reader, passed = self._reader(), [0.0]
        wanted = Sync(
            settings=self.settings,
            regions=given.pop("regions") or self.settings.regions,
            clients=Clients(None, _PATIENT),
            read=lambda: reader.read(24),
            queues=reader.queues,
            waits=SyncClock(clock=lambda: sum(passed), sleep=passed.append),
        )
        return self._printed(lambda: sync.run(wanted, **given), code)

    def _reader(self) -> StatusReader:
        quick = patient = Clients(None, _PATIENT)
        return StatusReader(settings=self.settings, quick=quick, patient=patient, seconds=60)

    def _printed(self, run: Callable[[], int], code: int) -> str:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
            for name, value in variables(self.faults.endpoint).items():
                patch.setenv(name, value)
            assert run() == code, printed.getvalue()
        return printed.getvalue()

    def answer(self, request: ApiRequest) -> Reply | None:
        """Answer requests that moto does not support; for `Faults.answers`."""
        if request.service == "iot" and request.path.startswith("/cacertificates"):
            return _NONE
        is_call = request.service == "lambda" and request.path.endswith("/invocations")
        return _STARTED if is_call else None


def _given(command: str, verb: str) -> dict[str, Any]:
    """Return the arguments in the command line `iot-dr registry VERB ...`."""
    program, group, named, *options = shlex.split(command)
    assert (program, group, named) == ("iot-dr", "registry", verb), command
    return groups["registry"].commands[verb].make_context(verb, options).params


@contextmanager
def registry_world(settings: Settings, project: Path = ROOT) -> Generator[RegistryWorld]:
    """Serve the regions of an environment of a project for a `with` block."""
    with account(settings.account_id) as moto, faults_before(moto) as faults:
        world = RegistryWorld(settings, faults, moto, project)
        faults.answers.append(world.answer)
        for region in settings.regions:
            _make(world, region)
        yield world


def _make(world: RegistryWorld, region: str) -> None:
    create_registry_table(world.client("dynamodb", region), world.names.table)
    for queue in world.names.queues:
        world.client("sqs", region).create_queue(QueueName=queue)


def fleet(world: RegistryWorld, region: str, *things: str) -> None:
    """Create a type, a group, a policy, and things with shadows in a region."""
    iot, data = world.client("iot", region), world.client("iot-data", region)
    iot.create_thing_type(thingTypeName="sensor")
    iot.create_thing_group(thingGroupName="hall-3")
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    iot.create_policy(policyName="publish", policyDocument=document)
    for thing in things:
        iot.create_thing(thingName=thing, thingTypeName="sensor")
        iot.add_thing_to_thing_group(thingName=thing, thingGroupName="hall-3")
        data.update_thing_shadow(thingName=thing, payload=b'{"state": {"desired": {"on": true}}}')
