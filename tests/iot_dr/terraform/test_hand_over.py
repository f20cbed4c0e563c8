"""Outputs that one stack reads from another's state."""

from typing import Any

from iot_dr.terraform.hand_over import HandOver, hand_overs
from iot_dr.terraform.stack_document import StackDocument


def upstream() -> StackDocument:
    return StackDocument({"terraform": {"backend": {"s3": {"key": "dev/zone.tfstate"}}}})


def reader(*outputs: str) -> StackDocument:
    state = "data.terraform_remote_state.zone.outputs"
    read = {f"r{output}": f"${{{state}.{output}}}" for output in outputs}
    return StackDocument(
        {
            "terraform": {"backend": {"s3": {"key": "dev/reader.tfstate"}}},
            "data": {"terraform_remote_state": {"zone": {"config": {"key": "dev/zone.tfstate"}}}},
            "resource": {"aws_x": {"r": {"//": {"metadata": {"path": "dev/reader/r"}}, **read}}},
        }
    )


def applied(**outputs: Any) -> dict[str, Any]:
    output_values = {
        name: {"value": value, "sensitive": name == "token"} for name, value in outputs.items()
    }
    return {"prior_state": {"values": {"outputs": output_values} if outputs else {}}}


def test_only_what_is_read_is_handed_over_and_each_output_once_a_reader() -> None:
    documents = {"zone": upstream(), "reader": reader("id", "id")}
    outputs_read = hand_overs(documents, [applied(id="Z1", unread="x"), applied()])
    assert outputs_read == [
        HandOver(output="id", key="dev/zone.tfstate", value="Z1", consumer="reader")
    ]


def test_a_sensitive_value_is_not_shown() -> None:
    documents = {"zone": upstream(), "reader": reader("token")}
    (outputs_read,) = hand_overs(documents, [applied(token="hidden"), applied()])
    assert outputs_read.value == "(sensitive)"


def test_a_stack_whose_state_is_empty_hands_nothing_over() -> None:
    documents = {"zone": upstream(), "gone": upstream(), "reader": reader("id")}
    plans = [applied(id="Z1"), {"planned_values": {"root_module": {}}}, applied()]
    documents["gone"].content["terraform"]["backend"]["s3"]["key"] = "dev/gone.tfstate"
    assert [each.value for each in hand_overs(documents, plans)] == ["Z1"]


def test_the_construct_behind_an_address_is_named_by_its_path() -> None:
    assert reader("id").construct_path("aws_x.r") == "dev/reader/r"
    assert reader("id").construct_path("aws_x.other") is None
    assert reader("id").construct_path(None) is None


def test_a_stack_without_a_backend_keeps_its_state_locally() -> None:
    assert StackDocument({}).backend == ("local", {})
    assert upstream().backend == ("s3", {"key": "dev/zone.tfstate"})
