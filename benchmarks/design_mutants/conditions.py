"""What must be true of a mutant for `UNREAD`'s entries to apply."""

import ast
import json
from zipfile import ZipFile

from benchmarks.design_mutants.changes import LARGER, NAME, REMOVED
from benchmarks.design_mutants.design import BaseDesign, Mutant
from iot_dr.terraform_json.json_value import Json


def _bodies(design: BaseDesign, mutant: Mutant) -> list[dict[str, Json]]:
    """Return the changed resources as they are without the mutant."""
    return [design.documents[each.stack][each.kind][each.type][each.name] for each in mutant.edits]


def is_tcp(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether each changed check is a TCP check."""
    return all(body["type"] == "TCP" for body in _bodies(design, mutant))


def is_not_alarm(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether no changed check is one of an alarm."""
    return all(body["type"] != "CLOUDWATCH_METRIC" for body in _bodies(design, mutant))


def is_larger(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is larger."""
    return mutant.change == LARGER


def is_larger_or_removed(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is larger or not set."""
    return mutant.change in {LARGER, REMOVED}


def is_removed(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is removed."""
    return mutant.change == REMOVED


def is_constant(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether no changed record is a side of a failover."""
    return all("failover_routing_policy" not in body for body in _bodies(design, mutant))


def has_no_native_code(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the zip of each function has source code alone, which runs on any processor."""
    return all(
        not name.endswith(".so")
        for edit, body in zip(mutant.edits, _bodies(design, mutant), strict=True)
        for name in ZipFile(design.file(edit.stack, body["filename"])).namelist()
    )


def ignores_its_event(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the code of each canary reads no part of its event, whose form therefore is free."""
    functions = [
        (stack, body)
        for stack in {edit.stack for edit in mutant.edits}
        for body in design.documents[stack]["resource"]["aws_lambda_function"].values()
    ]
    return all(_handler_ignores_its_event(design, *function) for function in functions)


def _handler_ignores_its_event(design: BaseDesign, stack: str, body: dict[str, Json]) -> bool:
    module, _, name = str(body["handler"]).rpartition(".")
    with ZipFile(design.file(stack, body["filename"])) as code:
        tree = ast.parse(code.read(f"{module.replace('.', '/')}.py"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            event = node.args.args[0].arg
            names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
            return all(each.id != event for each in names)
    return False


def is_named(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is another name."""
    return mutant.change == NAME


def is_removed_condition(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether a whole condition is removed, and not one of the values that it allows."""
    return mutant.change == REMOVED and not mutant.place.endswith("]")


def is_default(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is AWS's default."""
    return mutant.change == REMOVED or mutant.detail == "DEFAULT"


def is_of_regional_name(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the regional name gets what its only users need."""
    return all(edit.name == "regional_name" for edit in mutant.edits) and mutant.detail in {
        "HTTPS",
        "AWS_SIGV4",
    }


def is_of_unused_name(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the regional name is changed in a design without functions, which alone use it."""
    sections = [document.get("resource", {}) for document in design.documents.values()]
    has_functions = any("aws_lambda_function" in section for section in sections)
    return not has_functions and all(edit.name == "regional_name" for edit in mutant.edits)


def is_log_statement(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the changed statement allows nothing but to write logs."""
    sid = mutant.place.split(".")[1]
    policies = [json.loads(body["policy"]) for body in _bodies(design, mutant)]
    statements = [each for policy in policies for each in policy["Statement"]]
    changed = [each for each in statements if each.get("Sid") == sid]
    return bool(changed) and all(
        action.startswith("logs:") for each in changed for action in each["Action"]
    )
