"""Values in which stand-ins are in the place of what is sensitive: for rules, and for sentences."""

from iot_dr.review.read.masks import holds
from iot_dr.review.read.secrets import Secrets, is_argument
from iot_dr.review.read.side import Side
from iot_dr.terraform_json.json_value import Json, is_mapping, is_sequence


def masked(side: Side, other: Side, secrets: Secrets) -> Json:
    """Give the value of a side; a mask on either side hides it, as where its difference is told."""
    side, other = (each if each.value is None else each.shaped() for each in (side, other))
    if side.sensitive is True or other.sensitive is True:
        return replaced(side.value, secrets)
    if not holds(side.sensitive) and not holds(other.sensitive):
        return side.value
    if is_mapping(side.value):
        return {name: masked(side.inner(name), other.inner(name), secrets) for name in side.value}
    if is_sequence(side.value):
        steps = range(len(side.value))
        return [masked(side.inner(at), other.inner(at), secrets) for at in steps]
    return side.value


def replaced(value: Json, secrets: Secrets) -> Json:
    """Give a value of the same shape, with a stand-in for each text, number and key of a map."""
    if is_mapping(value):
        return {
            name if is_argument(name) else secrets.stand_in(name): replaced(each, secrets)
            for name, each in value.items()
        }
    if is_sequence(value):
        return [replaced(each, secrets) for each in value]
    return None if value is None else secrets.stand_in(value)
