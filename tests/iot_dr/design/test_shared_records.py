"""Names and checks by the thousand that share records, each read once."""

from iot_dr.design.reading import designs
from iot_dr.prover.proofs import proofs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tools.benchmarks.large_designs import design

_SHARED = "shared.iot.example.com"


def stacks(*without: str) -> ResourceSet:
    """Two failover names that are aliases to 300 weighted records, which lead to two regions."""
    document = design("bipartite aliases", 4)
    for label in without:
        del document["resource"]["aws_route53_record"][label]
    return ResourceSet([read_configuration("dns", document)])


def test_weighted_records_that_differ_in_weight_alone_are_read_once() -> None:
    led = [each for each in designs(stacks()) if _SHARED in each.evaluation.records]
    assert len(led) == 2
    for shared_design in led:
        read = {record.target for record in shared_design.evaluation.records[_SHARED]}
        assert read == {"west.iot.example.com", "central.iot.example.com"}
        assert len(shared_design.sites) == 3


def test_a_proof_is_the_same_without_the_records_that_repeat_another_one() -> None:
    fewer = stacks(*(f"shared{number}" for number in range(2, 300)))
    assert proofs(stacks()) == proofs(fewer)


def test_each_name_has_the_notes_and_the_probes_of_a_shared_check() -> None:
    document = design("many failover names", 6)
    document["resource"]["aws_route53_health_check"]["west"]["fqdn"] = "${var.host}"
    read = designs(ResourceSet([read_configuration("dns", document)]))
    note = "what aws_route53_health_check.west checks is not known: assumed healthy"
    assert len(read) == 4
    assert [note in map(str, each.notes) for each in read] == [True] * 4
    assert len({each.probes for each in read}) == 1
