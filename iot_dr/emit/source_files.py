"""The files of a module's resources, by subject, with the constructs' docstrings as comments."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from constructs import Construct

from iot_dr.emit.optional import address_of, place_of
from iot_dr.terraform_json.configuration import COMMENT
from modules.module import Module, Named

MAIN: Final = "main"
"""The file of local values, data sources of providers, calls, and what has no file of its own."""

# What a reader of HCL has no use for: errors in Python, and the numbers of our decisions.
_PYTHON: Final = re.compile(r"\s*Raises InputError.*?(?=\s(?:Sources?|Delegation):|$)", re.DOTALL)
_DECISION: Final = re.compile(r" \(ADR \d+\)|ADR \d+; ")


@dataclass(frozen=True, kw_only=True)
class _Block:
    kind: str
    type: str
    name: str
    place: int
    construct: PurePosixPath
    file: str
    content: Mapping[str, Any]


def source_files(
    body: Mapping[str, Any], stack: Construct, files: Mapping[str, str]
) -> dict[str, str]:
    """Comment the blocks of a body in place; return each block's file by address, in file order.

    Blocks are in the order of their constructs. `files` are regular expressions of constructs'
    paths by file; the first one that matches counts. A construct's docstring is above the first
    block that the file has of its class; without its first paragraph if an outer one's is there. An
    outer construct's is in one file only.
    """
    comments = {
        PurePosixPath(module.node.path): _comment(type(module))
        for module in stack.node.find_all()
        if isinstance(module, Module) and not isinstance(module, Named)
    }
    blocks = sorted(_blocks(body, comments, files), key=lambda block: block.place)
    seen: dict[str, set[str]] = {}
    explained = set[PurePosixPath]()
    for block in blocks:
        own = seen.setdefault(block.file, {""})
        outer = [path for path in reversed(block.construct.parents) if path not in explained]
        chain = [comments.get(path, "") for path in (*outer, block.construct)]
        new = [each for each in chain if each not in own]
        own.update(new)
        explained.update(outer)
        rest = (comment.partition("\n\n")[2] for comment in dict.fromkeys(new[1:]))
        paragraphs = [*new[:1], *(reasons for reasons in rest if reasons)]
        body[block.kind][block.type][block.name] = {
            **({COMMENT: "\n\n".join(paragraphs)} if new else {}),
            **{name: value for name, value in block.content.items() if name != COMMENT},
        }
    return {address_of(block.kind, block.type, block.name): block.file for block in blocks}


def _blocks(
    body: Mapping[str, Any], comments: Mapping[PurePosixPath, str], files: Mapping[str, str]
) -> Iterator[_Block]:
    places = {path: number for number, path in enumerate(comments)}
    for kind in ("data", "resource"):
        for type_, names in body.get(kind, {}).items():
            for name, content in names.items():
                path = PurePosixPath(content[COMMENT]["metadata"]["path"])
                construct = next((each for each in path.parents if each in places), path.parents[0])
                within = "/".join(path.parts[1:])
                yield _Block(
                    kind=kind,
                    type=type_,
                    name=name,
                    place=places.get(construct, -1),
                    construct=construct,
                    file=next((f for f, regex in files.items() if re.match(regex, within)), MAIN),
                    content=content,
                )


def in_file(body: Mapping[str, Any], files: Mapping[str, str], file: str) -> dict[str, Any]:
    """Return the data sources and resources of a file as Terraform JSON, in order."""
    document: dict[str, list[Any]] = {}
    for kind, type_, name in (place_of(each) for each in files if files[each] == file):
        document.setdefault(kind, []).append({type_: {name: body[kind][type_][name]}})
    return document


def _comment(class_: type) -> str:
    text = inspect.cleandoc(class_.__doc__ or "")
    paragraphs = (
        _DECISION.sub("", _PYTHON.sub("", " ".join(each.split()))) for each in text.split("\n\n")
    )
    return "\n\n".join(each.strip() for each in paragraphs if each.strip())
