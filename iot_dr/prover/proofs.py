"""The proofs of every device name of some resources."""

from dataclasses import replace

from iot_dr.design.design import Design
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.reading import designs
from iot_dr.prover.assumed_design import assumed
from iot_dr.prover.findings import Violation
from iot_dr.prover.proof import ARRIVES, Proof, prove
from iot_dr.prover.switching import OF_ALARMS
from iot_dr.terraform_json.resource_set import ResourceSet


def proofs(resources: ResourceSet, expected: DesignExpectation | None = None) -> tuple[Proof, ...]:
    """Prove each public failover name; with an expectation its device name must be among them."""
    results = [
        _without_doubtful(resources, design, prove(design))
        for design in designs(resources, expected)
    ]
    if expected and expected.device_name not in {proof.name for proof in results}:
        results.append(_without_records(expected.device_name))
    return tuple(results)


def _without_doubtful(resources: ResourceSet, design: Design, proof: Proof) -> Proof:
    """Return a proof without the violations of which parts that are not declared decide.

    A violation by an alarm stays, since the alarm is declared. So does any of a design with
    settings, whose parts are all declared. With an inferred part none of the failover is certain.
    """
    if design.inferred:
        lost = tuple(each for each in proof.violations if each.property == ARRIVES)
        possible = tuple(each for each in proof.violations if each not in lost)
        return replace(proof, violations=lost, possible=possible)
    if not proof.violations or design.primary:
        return proof
    at_best = prove(assumed(resources, design))
    certain = {each.property: each for each in at_best.violations}
    certain |= {each.property: each for each in proof.violations if each.property in OF_ALARMS}
    return replace(
        proof,
        violations=tuple(certain.values()),
        possible=tuple(each for each in proof.violations if each.property not in certain),
    )


def _without_records(name: str) -> Proof:
    violation = Violation(
        property="devices are led to a region that serves, while any does",
        events=(),
        observed=f"no failover record has the device name {name}",
    )
    return Proof(name=name, states=0, transitions=0, violations=(violation,))
