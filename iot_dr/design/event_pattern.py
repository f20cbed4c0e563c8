"""Event patterns of EventBridge and filters of event source mappings, which have one syntax.

docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html,
docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html.
"""

from iot_dr.design.policy import all_true, any_true
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence, mapping


def matches(pattern: Json, event: Json) -> bool | None:
    """Whether an event matches a pattern, None if that is not known.

    A field that is not in `event` may have any value; one that is None does not exist.
    """
    if not is_mapping(pattern):
        return None
    return all_true(_field(key, wanted, mapping(event)) for key, wanted in pattern.items())


def _field(key: str, wanted: Json, event: dict[str, Json]) -> bool | None:
    if key == "$or" and is_sequence(wanted):
        return any_true(matches(each, event) for each in wanted)
    if key not in event:
        return None
    if is_mapping(wanted):
        return matches(wanted, event[key])
    return any_true(_fits(each, event[key]) for each in wanted) if is_sequence(wanted) else None


def _fits(wanted: Json, value: Json) -> bool | None:
    if not is_mapping(wanted):
        return wanted == value
    (operator, operand), *others = wanted.items() or (("", None),)
    if others or is_mapping(value):
        return None
    text = str(value)
    if operator == "exists":
        return (value is not None) is operand
    if operator == "anything-but" and not is_mapping(operand):
        return value not in (operand if is_sequence(operand) else [operand])
    if operator in {"prefix", "suffix"} and isinstance(operand, str):
        return text.startswith(operand) if operator == "prefix" else text.endswith(operand)
    return text.lower() == str(operand).lower() if operator == "equals-ignore-case" else None
