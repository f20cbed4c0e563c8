"""Code of own stacks that CDKTF calls after their constructors: what it raises is refused."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsii
import pytest
from cdktf import Aspects, IAspect
from constructs import IValidation

from environments.errors import SettingsError
from iot_dr.api import BaseStack
from iot_dr.generate.app import write
from stacks.own_code import OwnStackError
from stacks.own_stacks import with_own_stacks
from tests.support.settings import settings

Body = dict[str, Callable[..., Any]]


def exits(*_: object) -> None:
    sys.exit(0)


@jsii.implements(IAspect)
class ExitingAspect:
    def visit(self, node: object) -> None:
        exits(node)


@jsii.implements(IValidation)
class ExitingValidation:
    def validate(self) -> list[str]:
        sys.exit(0)


class Interruption(BaseException):
    """No Exception, as libraries have for cancelled work."""


def constructor(after: Callable[[BaseStack], object]) -> Body:
    def construct(self: BaseStack, *arguments: Any) -> None:
        BaseStack.__init__(self, *arguments)
        after(self)

    return {"__init__": construct}


def raises(error: BaseException) -> Body:
    def fail(_: BaseStack) -> None:
        raise error

    return constructor(fail)


EXITS: Final = "an own stack ends the program: SystemExit: 0"
BODIES: Final[dict[str, tuple[Body, str]]] = {
    "aspect": (constructor(lambda own: Aspects.of(own).add(ExitingAspect())), EXITS),
    "validation": (constructor(lambda own: own.node.add_validation(ExitingValidation())), EXITS),
    "method that the stage calls": ({"add_dependency": exits}, EXITS),
    "method that CDKTF calls": ({"prepare_stack": exits}, EXITS),
    "no Exception": (raises(Interruption("stop")), "Interruption: stop"),
    "generator's end": (raises(GeneratorExit()), "GeneratorExit"),
    "status without a text": (raises(SystemExit([])), "Own ends the program: SystemExit: []"),
    "error without mistakes": (raises(SettingsError(())), "cannot be synthesized: SettingsError"),
    "error of an own stack": (raises(OwnStackError("no queue")), "cannot be synthesized: no queue"),
}


@pytest.mark.parametrize("case", BODIES)
def test_whatever_an_own_stack_raises_is_an_error_in_one_line(tmp_path: Path, case: str) -> None:
    body, message = BODIES[case]
    own = type("Own", (BaseStack,), {"kind": "own", "upstream": ("iot",), **body})
    with pytest.raises(SettingsError) as error:
        write([with_own_stacks(settings(), [own], [])], tmp_path)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_reservation_below_what_a_function_needs_is_a_mistake_in_the_settings(
    tmp_path: Path,
) -> None:
    chosen = settings(reserved_concurrency={"canary": 19})
    with pytest.raises(
        SettingsError, match=r"^environments/dev\.yaml: .*canary is 19, expected 20"
    ):
        write([chosen], tmp_path)


def test_what_an_own_stack_prints_is_not_in_the_result_of_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = type(
        "Own", (BaseStack,), {"kind": "own", **constructor(lambda _: sys.stdout.write("hello"))}
    )
    write([with_own_stacks(settings(), [own], [])], tmp_path)
    printed = capsys.readouterr()
    assert (printed.out, "hello" in printed.err) == ("", True)


class Exiting(str):
    """A text whose comparisons end the program."""

    __slots__ = ()

    def __hash__(self) -> int:  # noqa: PLE0309 - it is the project's code that is at fault
        sys.exit(0)


def test_the_kind_of_an_own_stack_is_read_without_its_code(tmp_path: Path) -> None:
    own = type("Own", (BaseStack,), {"kind": Exiting("own"), "upstream": (Exiting("iot"),)})
    write([with_own_stacks(settings(), [own], [])], tmp_path)
    assert (tmp_path / "stacks" / "iot-dev-own-eu-west-1").is_dir()
