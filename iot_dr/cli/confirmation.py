"""Confirmation prompts before changes."""

import sys

import typer

from iot_dr.common.user_error import UsageError, UserError


class NotConfirmedError(UsageError):
    """The user did not confirm a change."""


class RefusedError(UserError):
    """A command refuses a change; the message has the reasons."""


def confirm_name(name: str, done: str, given: str | None) -> None:
    """Ask as `ask_for_name` does, unless --confirm has `given` the answer.

    Raises NotConfirmedError for another answer.
    """
    refuse_unconfirmed(name, done, given)
    if given is None:
        ask_for_name(name, done, _option(name))


def refuse_unconfirmed(name: str, done: str, given: str | None) -> None:
    """Raise NotConfirmedError if --confirm has `given` another answer, or there is no terminal."""
    if given is None:
        _refuse_unanswerable(name, done, _option(name))
    elif given != name:
        raise NotConfirmedError(f"--confirm {given}: must be {name}; nothing is {done}")


def _option(name: str) -> str:
    return f"--confirm {name} (with make: CONFIRM={name})"


def _refuse_unanswerable(name: str, done: str, option: str) -> None:
    if not sys.stdin.isatty():
        message = f"{name} would be {done}, but confirmation needs a terminal; pass {option}"
        raise NotConfirmedError(message)


def ask_for_name(name: str, done: str, option: str) -> None:
    """Ask the user to type the name of what will be `done`, such as `deployed`.

    Raises NotConfirmedError for another answer. Without a terminal it raises it too, and names the
    `option` that confirms.
    """
    _refuse_unanswerable(name, done, option)
    prompt = f"Type {name} to confirm that it will be {done}"
    answer = typer.prompt(prompt, default="", show_default=False)
    if answer != name:
        raise NotConfirmedError(f"expected {name}, not {answer!r}; nothing is {done}")


def refuse_without_terminal(action: str) -> None:
    """Raise UsageError if nobody can confirm an action, such as `switch`."""
    if not sys.stdin.isatty():
        message = f"confirmation needs a terminal; pass --yes to {action} without confirmation"
        raise UsageError(message)


def typed_yes(action: str) -> bool:
    """Ask the user to type `yes`; return whether that is the answer."""
    typer.echo(f"Type `yes` to {action}: ", nl=False, err=True)
    return sys.stdin.readline().strip() == "yes"
