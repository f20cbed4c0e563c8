"""The question before something real is done."""

import sys

import typer

from iot_dr.common.user_error import UsageError


class NotConfirmedError(UsageError):
    """The user did not agree to what would have been done."""


def confirm_name(name: str, done: str, given: str | None) -> None:
    """Ask as `ask_for_name` does, unless the answer was `given` ahead by --confirm."""
    if given is None:
        ask_for_name(name, done, f"--confirm {name} (by make: CONFIRM={name})")
    elif given != name:
        message = f"--confirm {given}: not the name {name}; nothing is {done}"
        raise NotConfirmedError(message)


def ask_for_name(name: str, done: str, option: str) -> None:
    """Ask for an environment's name, as the agreement that it is to be `done`.

    Raises NotConfirmedError for another answer, and where nobody is there, with the `option` that
    agrees ahead of the question.
    """
    if not sys.stdin.isatty():
        message = f"{name} would be {done}, and nobody is here to be asked: give {option}"
        raise NotConfirmedError(message)
    answer = typer.prompt(f"Type {name} for it to be {done}", default="", show_default=False)
    if answer != name:
        message = f"{answer!r} is not {name}: nothing is {done}"
        raise NotConfirmedError(message)


def refuse_without_terminal(what: str) -> None:
    """Raise UsageError where nobody can type `yes`."""
    if not sys.stdin.isatty():
        raise UsageError(f"there is no terminal to ask on; add --yes to {what} without a question")


def typed_yes(what: str) -> bool:
    """Ask for `yes`, as the agreement to do it."""
    typer.echo(f"Type `yes` to {what}: ", nl=False, err=True)
    return sys.stdin.readline().strip() == "yes"
