"""Checks that thousands of names share are read once."""

from iot_dr.design.reading import designs
from iot_dr.terraform_json.configuration import read_configuration
from iot_dr.terraform_json.resource_set import ResourceSet
from tools.benchmarks.large_designs import design


def test_each_name_has_the_notes_and_the_probes_of_a_shared_check() -> None:
    document = design("many failover names", 6)
    document["resource"]["aws_route53_health_check"]["west"]["fqdn"] = "${var.host}"
    read = designs(ResourceSet([read_configuration("dns", document)]))
    note = "what aws_route53_health_check.west checks is not known: assumed healthy"
    assert len(read) == 4
    assert [note in map(str, each.notes) for each in read] == [True] * 4
    assert len({each.probes for each in read}) == 1
