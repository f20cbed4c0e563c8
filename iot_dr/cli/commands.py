"""Every command of `iot-dr` with a line of help; its module is imported when it is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

_PACKAGE: Final = "iot_dr.cli"

_COMMANDS: Final = {
    "synth": "Write the Terraform JSON of every stack of an environment.",
    "graph": "Print the stacks of an environment and what each needs, or the waves of its rollout.",
    "plan": "Plan every stack of an environment, in the order in which they go.",
    "review": "Plan an environment, or read its plans, and tell a reviewer what they mean.",
    "apply": "Apply kept plans, by their hashes, in the order in which the stacks go.",
    "comment": "Write a review onto its pull request on GitHub, as one comment for each"
    " environment.",
    "reviewed": "Print the id of the workflow's run that reviewed the pull request behind a"
    " commit.",
    "validate": "Validate every stack against the schema of the pinned AWS provider; no account is"
    " needed.",
    "emit": "Write Terraform modules, made of what the stacks are made of, that need no Python.",
    "check": "Judge Terraform JSON, ours or not, by the disaster-recovery rules; exit 1 for a"
    " block.",
    "rto": "Predict the recovery time from the settings, term by term, and what would shorten it.",
    "status": "Show which region answers the device name now, and how all that decides it stands.",
    "rotate": "Replace a region's server certificate, while another region takes the devices.",
    "deploy": "Deploy every stack of an environment with cdktf, in the order in which they go.",
    "destroy": "Destroy the entry point and the regional stacks; the zone, its data and all states"
    " stand.",
    "acceptance": "Deploy to an account, verify the failover there, and remove what may be"
    " removed.",
}
_GROUPS: Final = {
    "drill": "Rehearse failovers on this machine, and simulate what a large fleet would do.",
    "env": "Show, check and make the files in environments/.",
    "pipeline": "Guard the builds of a pipeline, choose which one is active, write waves as a"
    " workflow.",
    "registry": "Compare the device registries of regions, watch them, bring them into step.",
    "role": "Show what another primary would change.",
    "sandbox": "Apply an environment on this machine, without an account or a network.",
    "state": "Make the state buckets, look at states and copies, take back a lock, promote a copy.",
    "switch": "Take devices away from a region, or give them back.",
}
_BELOW: Final[Mapping[str, Mapping[str, str]]] = {
    "drill": {
        "run": "Rehearse outages of an environment with real brokers, TLS and DNS, from its own"
        " Terraform.",
        "list": "List the kinds of outages, and what each should do to the devices of an"
        " environment.",
        "simulate": "Simulate an outage with the settings of an environment, beside what `iot-dr"
        " rto` predicts.",
        "sweep": "Simulate the loss of a region with each combination of settings, and tell which"
        " to change.",
    },
    "env": {
        "show": "Show the settings of an environment as they take effect, with the names made from"
        " them.",
        "check": "Check the files of environments as they are, without PRIMARY_REGION; exit 2 for"
        " a mistake.",
        "new": "Write a commented file for a new environment; a file that exists is never"
        " replaced.",
    },
    "pipeline": {
        "verify": "Watch a wave's alarms, before the next wave begins; exit 1 when it must not.",
        "workflow": "Write .github/workflows/rollout-ENV.yml: a job a wave, each after the one"
        " before.",
        "guard": "Say whether a pipeline may go on with this commit; exit 3 when it must not.",
        "variables": "Print what plans and their review hand on to a pipeline, as lines NAME=value"
        " for a shell.",
        "activate": "Make the pipeline of a region the active one, in the environment's file.",
    },
    "registry": {
        "diff": "Compare all that two regions hold: types, groups, policies, certificates, things,"
        " shadows.",
        "status": "Show what each region holds, how late it took it over, and what it has not"
        " taken over yet.",
        "sync": "Have regions compare what they hold with the table now, and watch until nothing"
        " is left.",
        "seed": "Bring a new region, or one that was away for long, to what another one holds.",
    },
    "role": {
        "plan": "Plan an environment with another primary, and show what devices will see and how"
        " to do it.",
    },
    "sandbox": {
        "up": "Apply every stack in the sandbox, prove that a second plan is empty, show the"
        " hand-overs.",
        "down": "Remove the sandbox of an environment, its states included.",
        "show": "Show the states that the sandbox holds and the locks on them.",
        "unlock": "Release the lock on a stack's state that a killed run left behind.",
    },
    "state": {
        "init": "Make the state buckets with a local state, then move that state into its own"
        " bucket.",
        "status": "Show lineage, serial and age of every state and copy, the copies' lag, and the"
        " locks.",
        "unlock": "Take back the lock on a stack's state that a killed run has left behind.",
        "promote": "Make the copies in a region the owners of the global states, when home is gone"
        " for good.",
    },
    "switch": {
        "away": "Lead devices away from a region until it is switched back, and keep who, when and"
        " why.",
        "back": "Let a region have devices again, and keep who, when and why.",
    },
}
"""The commands of each group."""

_ELSEWHERE: Final = {"destroy": "deploy"}
"""Commands whose module has another name."""

_IN_ONE_MODULE: Final = {"env", "role", "sandbox", "state", "switch"}
"""Groups whose commands are functions of one module; the others have a module for each."""


class LazyCommand(TyperCommand):
    """A function of the command's name, in a module that is imported when it is called."""

    def __init__(self, name: str, line: str, module: str) -> None:
        super().__init__(name, help=line)
        self._module = module

    def loaded(self) -> Any:  # noqa: ANN401 - typer does not name the type of its commands
        """Import the module, and return the whole command."""
        single = typer.Typer(add_completion=False)
        single.command(self.name)(getattr(import_module(self._module), str(self.name)))
        return get_command(single)

    def make_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        """Parse arguments as the whole command does."""
        return self.loaded().make_context(*arguments, **options)


def _group(name: str, about: str) -> TyperGroup:
    module = f"{_PACKAGE}.{name}"
    commands = [
        LazyCommand(each, line, module if name in _IN_ONE_MODULE else f"{module}.{each}")
        for each, line in _BELOW[name].items()
    ]
    return TyperGroup(name=name, help=about, commands=commands, no_args_is_help=True)


groups: Final = {name: _group(name, about) for name, about in _GROUPS.items()}
"""The groups of commands, by name."""

app: Final = TyperGroup(
    name="iot-dr",
    help="Terraform for IoT platforms that survive the loss of an AWS region.",
    no_args_is_help=True,
    commands=[
        *(
            LazyCommand(name, line, f"{_PACKAGE}.{_ELSEWHERE.get(name, name)}")
            for name, line in _COMMANDS.items()
        ),
        *groups.values(),
    ],
)
