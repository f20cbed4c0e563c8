"""Commands of the AWS CLI on pages, validated against AWS's own model of its API.

The CLI itself is not among the project's packages: its operations and options have the names of the
model that boto3 uses too, so a command with a misspelt or missing parameter is still found.
"""

import json
import re
import shlex
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore import xform_name

# The CLI's own options.
_OF_THE_CLI: Final = {"region", "query", "output"}
# `--endpoint-url` is the CLI's own, so the CLI renames this one (awscli's customizations/sns).
_RENAMED: Final = {"notification-endpoint": "endpoint"}
_PLACEHOLDER: Final = re.compile(r"<[\w -]+>")


def asked(line: str) -> tuple[str, str, dict[str, str]]:
    """Return service, operation and options of a line `aws SERVICE OPERATION --name value ...`.

    A boolean option has no value. Fails unless AWS's model has the operation, all of these options
    and no required one more.
    """
    words = shlex.split(_PLACEHOLDER.sub("placeholder", line))
    assert words[0] == "aws"
    service, command, *rest = words[1:]
    session: Any = botocore.session.Session()
    model = session.get_service_model(service)
    operations = {xform_name(each, "-"): each for each in model.operation_names}
    assert command in operations, line
    shape = model.operation_model(operations[command]).input_shape
    known = {xform_name(name, "-"): each for name, each in shape.members.items()}
    flags = {name for name, each in known.items() if each.type_name == "boolean"}
    options = _options(rest, flags)
    required = {xform_name(each, "-") for each in shape.required_members}
    given = {_RENAMED.get(name, name) for name in options}
    assert given - _OF_THE_CLI <= set(known), line
    assert required <= given, line
    return service, command, options


def ran(client: Any, line: str, folder: Path) -> dict[str, Any]:
    """Run a line `aws SERVICE OPERATION ...` with a client, its `file://` in a folder."""
    _, command, options = asked(line)
    operation = xform_name(command.title().replace("-", ""))
    model = client.meta.service_model
    shape = model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    names = {xform_name(name, "-"): name for name in shape.members}
    values = {
        names[name]: json.loads((folder / value.removeprefix("file://")).read_text("utf-8"))
        if value.startswith("file://")
        else value
        for name, value in options.items()
    }
    return getattr(client, operation)(**values)


def _options(words: list[str], flags: set[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    left = iter(words)
    for word in left:
        assert word.startswith("--"), word
        name = word.removeprefix("--")
        options[name] = "" if name in flags else next(left)
    return options
