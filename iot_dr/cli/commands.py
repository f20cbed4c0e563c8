"""The commands of `iot-dr` and their one-line help; a command is imported when it is called."""

import inspect
import shutil
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from iot_dr.cli.next_steps import print_next_step
from iot_dr.cli.text import echo
from iot_dr.common.network_variable import other_network
from iot_dr.common.user_error import UserError

_PACKAGE: Final = "iot_dr.cli"

_COMMANDS: Final = {
    "init": "Generate a project: settings, CDKTF app, Makefile, workflows; no file is replaced.",
    "upgrade": "Show how this version would generate the project's files; exit 3 if they differ.",
    "synth": "Write the Terraform JSON of every stack of an environment.",
    "graph": "Print the stacks of an environment with their dependencies, or in waves.",
    "plan": "Plan every stack of an environment, in dependency order.",
    "review": "Plan an environment, or read its plans, and report what they mean for devices.",
    "apply": "Apply saved plans in dependency order, after checking their hashes.",
    "comment": "Post a review, or what a check prints, as a comment on a pull request.",
    "reviewed": "Print the id of the workflow run that reviewed a commit's pull request.",
    "validate": "Validate every stack against the AWS provider's schema, without an account.",
    "emit": "Write Terraform modules in HCL, generated from the constructs of the stacks.",
    "check": "Check Terraform JSON by the disaster-recovery rules; exit 1 if one blocks.",
    "prove": "Prove that devices reach a healthy region in every state, or show a counterexample.",
    "rto": "Predict the recovery time from the settings, and show what would shorten it.",
    "status": "Show what is wrong, the next command, and which region answers the device name now.",
    "doctor": "Check what the AWS account lacks before a first deploy or a failover; read only.",
    "rotate": "Replace a region's server certificate while another region serves devices.",
    "deploy": "Deploy every stack of an environment with cdktf, in dependency order.",
    "destroy": "Destroy the entry point and the regional stacks; keep zone, data and states.",
    "acceptance": "Deploy to an account, verify failover there, and remove what can be removed.",
}
_GROUPS: Final = {
    "adopt": "Replace an existing device name's record with failover records, or restore it.",
    "drill": "Rehearse failovers on this machine, and simulate them for large fleets.",
    "env": "Show, check and create the settings files in environments/.",
    "pipeline": "Guard, verify and activate pipelines, and write the rollout as a workflow.",
    "registry": "Compare, watch and reconcile the device registries of regions.",
    "sandbox": "Apply an environment on this machine, without an account or a network.",
    "state": "Create state buckets, show states, unlock, promote copies, abandon a region.",
    "switch": "Switch devices away from a region, and back.",
}
_SUBCOMMANDS: Final[Mapping[str, Mapping[str, str]]] = {
    "adopt": {
        "lower-ttl": "Lower the TTL of the device name's old record before the cut-over.",
        "cut-over": "Replace the device name's old record with its failover records.",
        "back": "Restore the device name's old record in place of its failover records.",
    },
    "drill": {
        "run": "Rehearse outages with real brokers, TLS and DNS, from synthesized Terraform.",
        "list": "List the kinds of outages and their expected effects on devices.",
        "play": "Be on call: something breaks, and the real commands diagnose and repair it.",
        "simulate": "Simulate an outage, and compare it with the prediction of `iot-dr rto`.",
        "sweep": "Simulate the loss of a region with combinations of settings, and compare them.",
    },
    "env": {
        "show": "Show the effective settings of an environment, and names derived from them.",
        "check": "Check settings files, ignoring PRIMARY_REGION; exit 2 for a mistake.",
        "new": "Write a commented settings file for a new environment.",
    },
    "pipeline": {
        "verify": "Watch the alarms of a wave; exit 1 if the next wave must not begin.",
        "workflow": "Write .github/workflows/rollout-ENV.yml, with a job for each wave.",
        "guard": "Check whether a pipeline may continue with this commit; exit 3 if not.",
        "variables": "Print a pipeline's variables from plans and their review, as NAME=value.",
        "activate": "Make a region's pipeline the active one, in the settings file.",
    },
    "registry": {
        "diff": "Compare types, groups, policies, certificates, things, shadows of two regions.",
        "status": "Show each region's registry entries, replication lag and pending changes.",
        "sync": "Reconcile regions with the registry table now, and watch until they agree.",
        "deletions": "Show the deletions that regions hold back, let them through, or undo them.",
        "seed": "Copy the registry of one region to a new or long-absent region.",
    },
    "sandbox": {
        "up": "Apply every stack in the sandbox, and check that a second plan is empty.",
        "down": "Delete the sandbox of an environment with all its states.",
        "show": "Show the states in the sandbox and their locks.",
        "exec": "Run a command, such as cdktf or terraform, on the sandbox instead of AWS.",
        "unlock": "Release the lock on a stack's state that a killed run left behind.",
    },
    "state": {
        "init": "Create the state buckets with a local state, then move it into its bucket.",
        "status": "Show lineage, serial, age, lag and lock of every state and copy.",
        "unlock": "Release the lock on a stack's state that a killed run left behind.",
        "promote": "Make the copies in a region the global states, when home is lost for good.",
        "abandon": "Remove what the global states have in a region that is gone for good.",
    },
    "switch": {
        "away": "Switch devices away from a region, and record who did it, when and why.",
        "back": "Let devices use a region again, and record who did it, when and why.",
    },
}
"""The commands of each group and their one-line help."""

_MODULES: Final = {"destroy": "deploy"}
"""Modules of commands that do not have the command's name."""

_IN_ONE_MODULE: Final = {"env", "sandbox", "state", "switch"}
"""Groups whose commands are in one module; other groups have a module for each command."""


_REMOVED: Final = {"role": "`PRIMARY_REGION=REGION iot-dr review` shows what it would change"}
"""What replaces a removed command, until 0.3."""

_NARROWEST_TABLE: Final = 60
"""Columns below which the tables of a help text would cut off names of options."""

_OPTIONS: Final = {"--json": ("--format", "--format json"), "--environment": ("--env", "--env")}
"""Options that a command lacks: the one it may have instead, and how that is written."""


class _Command(TyperCommand):
    """A command that ends with the next step, and whose help names no type for flags."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer names no public type
        """Run the command, and print what must be known before it and what comes after it."""
        if network := other_network():
            echo(network, err=True)
        try:
            result = super().invoke(ctx)
        except typer.Exit as ended:
            print_next_step(_name(ctx), ended.exit_code, ctx.params)
            raise
        except SystemExit as ended:
            if ended.code:
                raise
            # Commands end with `typer.Exit`: this is another's, such as a project's signal handler.
            message = (
                f"{_name(ctx)} was ended before its end, by sys.exit in the project's own code"
            )
            raise UserError(message) from ended
        print_next_step(_name(ctx), 0, ctx.params)
        return result

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - as above
        """Parse arguments; an error for an unknown option names the one that replaces it."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            # Typer compares with the options alone, and `--enviroment` is far from `--env`.
            given = str(getattr(error, "option_name", ""))
            for lacking in get_close_matches(given, _OPTIONS, n=1):
                option, written = _OPTIONS[lacking]
                if any(option in parameter.opts for parameter in self.params):
                    vars(error)["possibilities"] = [written]
            raise

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - typer names no public type
        """Return the parameters; typer would write `<bool>` after each flag."""
        return _without_types_of_flags(super().get_params(ctx))


class _Group(TyperGroup):
    """A group whose help names no type for flags."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as above
        """Return the parameters, as `_Command` does."""
        return _without_types_of_flags(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """Return the command; an error for an unknown one names the groups that have it."""
        try:
            return super().resolve_command(ctx, args)
        except Exception as error:
            named = [
                f"'{each} {args[0]}'" for each in _SUBCOMMANDS if args[0] in _SUBCOMMANDS[each]
            ]
            if args[0] in _REMOVED and ctx.parent is None:
                vars(error)["message"] = f"{args[0]!r} was removed: {_REMOVED[args[0]]}"
            elif named and ctx.parent is None:
                text = f"No such command {args[0]!r}. Did you mean {', '.join(named)}?"
                vars(error)["message"] = text
            raise


def _name(ctx: Any) -> str:  # noqa: ANN401 - as above
    """Return the name of a command without the program's, such as `drill run`."""
    group = ctx.parent.info_name if ctx.parent and ctx.parent.parent else None
    return f"{group} {ctx.info_name}" if group else ctx.info_name


def _without_types_of_flags(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
    return parameters


class LazyCommand(TyperCommand):
    """A command whose module is imported when it is called.

    The module has a function of the command's name, with `_` for `-`.
    """

    def __init__(self, name: str, summary: str, module: str) -> None:
        super().__init__(name, help=summary)
        self._module = module

    def loaded(self) -> Any:  # noqa: ANN401 - typer does not name the type of its commands
        """Import the module and return the command with its options."""
        width = shutil.get_terminal_size().columns
        narrow = width < _NARROWEST_TABLE
        single = typer.Typer(add_completion=False, rich_markup_mode=None if narrow else "rich")
        function = getattr(import_module(self._module), str(self.name).replace("-", "_"))
        single.command(
            self.name,
            cls=_Command,
            help=_paragraphs(inspect.getdoc(function) or ""),
            context_settings={"terminal_width": width} if narrow else {},
        )(function)
        return get_command(single)

    def make_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        """Parse arguments with the options of the imported command."""
        return self.loaded().make_context(*arguments, **options)


def _paragraphs(text: str) -> str:
    """Return a docstring with a line for each paragraph, which typer wraps at the terminal."""
    return "\n\n".join(part.replace("\n", " ") for part in text.split("\n\n"))


def _group(name: str, summary: str) -> _Group:
    module = f"{_PACKAGE}.{name}"
    commands = [
        LazyCommand(
            command,
            command_summary,
            module if name in _IN_ONE_MODULE else f"{module}.{command.replace('-', '_')}",
        )
        for command, command_summary in _SUBCOMMANDS[name].items()
    ]
    return _Group(name=name, help=summary, commands=commands, no_args_is_help=True)


groups: Final = {name: _group(name, summary) for name, summary in _GROUPS.items()}
"""The groups of commands, keyed by name."""

app: Final = _Group(
    name="iot-dr",
    help="Terraform for IoT platforms that survive the loss of an AWS region.\n\n"
    "`iot-dr --version` prints the version; `iot-dr COMMAND --quiet` shows no progress.",
    no_args_is_help=True,
    commands=[
        *(
            LazyCommand(name, summary, f"{_PACKAGE}.{_MODULES.get(name, name)}")
            for name, summary in _COMMANDS.items()
        ),
        *groups.values(),
    ],
)


def command_name(arguments: Sequence[str]) -> str:
    """Return the command that a command line calls, such as `drill run`; "" if it calls none."""
    first, second = (*arguments, "", "")[:2]
    if first in groups:
        return f"{first} {second}" if second in groups[first].commands else first
    return first if first in app.commands else ""
