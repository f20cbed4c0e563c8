"""What must be true of a mutant for `UNREAD`'s entries to apply."""

from functions.contract import REGIONS
from iot_dr.terraform_json.json_value import Json
from tools.benchmarks.design_mutants.changes import NAME, REMOVED
from tools.benchmarks.design_mutants.design import BaseDesign, Mutant


def _bodies(design: BaseDesign, mutant: Mutant) -> list[dict[str, Json]]:
    """Return the changed resources as they are without the mutant."""
    return [design.documents[each.stack][each.kind][each.type][each.name] for each in mutant.edits]


def is_any(_design: BaseDesign, _mutant: Mutant) -> bool:
    """Whatever the change is."""
    return True


def is_everywhere(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether each region is changed."""
    return len(mutant.edits) > 1


def is_of_log(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether only the statement is changed that lets a function write its log."""
    return ".WriteOwnLog" in mutant.place


def is_of_guard(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether only a statement is changed that denies what the function leaves by itself."""
    return ".LeaveThe" in mutant.place


def is_of_pulses(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether only what sends pulses through a region's queues is changed."""
    return all(each.name.startswith("registry_pulses") for each in mutant.edits)


def is_of_tls(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether only the statement is changed that denies requests without TLS."""
    bodies = _bodies(design, mutant)
    return "DenyPlainHttp" in mutant.place or all(
        "policy" in body and body["policy"].count('"Effect"') == 1 for body in bodies
    )


def is_tcp(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether each changed check is a TCP check."""
    return all(body["type"] == "TCP" for body in _bodies(design, mutant))


def is_not_alarm(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether no changed check is one of an alarm."""
    return all(body["type"] != "CLOUDWATCH_METRIC" for body in _bodies(design, mutant))


def is_constant(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether no changed record is a side of a failover."""
    return all("failover_routing_policy" not in body for body in _bodies(design, mutant))


def is_shallow(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether each changed function is a watcher that connects and publishes nothing."""
    variables = [body["environment"]["variables"] for body in _bodies(design, mutant)]
    return all(each["WATCHER_MODE"] == "shallow" for each in variables)


def is_without_second_register(design: BaseDesign, mutant: Mutant) -> bool:
    """Whether a publisher may read registers of a region that keeps none of its switches.

    That is so with two regions; without those of its own the publisher would be refused.
    """
    return "ReadRegisters" in mutant.place and len(design.settings.regions) == REGIONS.start


def is_named(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is another name."""
    return mutant.change == NAME


def is_removed(_design: BaseDesign, mutant: Mutant) -> bool:
    """Whether the value is removed."""
    return mutant.change == REMOVED
