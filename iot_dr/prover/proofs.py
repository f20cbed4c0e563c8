"""The proofs of every device name of some resources."""

from collections.abc import Hashable, Iterable, Iterator
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
    read, proved = list(designs(resources, expected)), dict[Hashable, Proof]()
    results = [
        _without_doubtful(resources, design, proof, proved)
        for design, proof in zip(read, prove_all(read), strict=True)
    ]
    if expected and expected.device_name not in {proof.name for proof in results}:
        results.append(_without_records(expected.device_name))
    return tuple(results)


def _without_doubtful(
    resources: ResourceSet, design: Design, proof: Proof, proved: dict[Hashable, Proof]
) -> Proof:
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
    at_best = _prove_once(assumed(resources, design), proved)
    certain = {each.property: each for each in at_best.violations}
    certain |= {each.property: each for each in proof.violations if each.property in OF_ALARMS}
    return replace(
        proof,
        violations=tuple(certain.values()),
        possible=tuple(each for each in proof.violations if each.property not in certain),
    )


def prove_all(designs_: Iterable[Design]) -> Iterator[Proof]:
    """Prove designs; those of the same structure are proved once."""
    proved = dict[Hashable, Proof]()
    return (_prove_once(design, proved) for design in designs_)


def _prove_once(design: Design, proved: dict[Hashable, Proof]) -> Proof:
    """Return the proof of a design, that of an earlier one of its structure if it is `proved`."""
    key = _structure(design)
    # A zone may have thousands of names with the same targets and checks.
    proof = replace(proved[key], name=design.name) if key in proved else prove(design)
    if proof.is_proved:
        proved[key] = proof
    return proof


def _structure(design: Design) -> Hashable:
    """Return everything that a proof depends on but names: of the design, below it, of checks."""
    numbers = dict[str, int]()

    def numbered(*names: str) -> tuple[int, ...]:
        return tuple(numbers.setdefault(name, len(numbers)) for name in names)

    numbered("", design.name)
    records = [
        (
            numbered(record.name, record.check, record.target if record.is_alias else ""),
            (record.side, record.is_alias, record.evaluates_target),
            design.sites.get(record.id),
        )
        for named in design.evaluation.records.values()
        for record in named
    ]
    checks = [
        (numbered(check.id, *check.children), replace(check, id="", children=()))
        for check in design.evaluation.checks.values()
    ]
    probes = [(numbered(probe.check), replace(probe, check="")) for probe in design.probes]
    parts = (tuple(checks), tuple(probes), design.alarms, design.watchers, design.regions)
    sentences = (design.refused, design.lost, design.unknown, design.inferred, design.notes)
    facts = (design.is_latched, design.primary, design.is_deep, design.adopted)
    return (tuple(records), parts, sentences, facts)


def _without_records(name: str) -> Proof:
    violation = Violation(
        property="devices are led to a region that serves, while any does",
        events=(),
        observed=f"no failover record has the device name {name}",
    )
    return Proof(name=name, states=0, transitions=0, violations=(violation,))
