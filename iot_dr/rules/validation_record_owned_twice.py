"""A certificate's validation record with two owners."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from iot_dr.design.expectation import DesignExpectation
from iot_dr.rules.rule import Finding, Rule, Verdict, finding_at
from iot_dr.terraform_json.argument import may_be_true, resolved_text
from iot_dr.terraform_json.dns_name import dns_name
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.stack_names import stack_name

_ID: Final = "validation-record-owned-twice"
_CERTIFICATE: Final = "aws_acm_certificate"
_TARGET: Final = re.compile(r"\.acm-validations\.aws\.?$", re.IGNORECASE)
_INSTANCE: Final = re.compile(r'\[(?:"(?P<key>[^"]*)"|\d+)\]$')
_ONE_OWNER: Final = (
    "Keep one record, of a certificate that is in use, since ACM renews only those; certificates"
    " of other regions are validated by the same record."
)

_Owner = tuple[str, str]


class _Shared(NamedTuple):
    """A name that a record validates, and two owners of that record."""

    token: str
    first: Resource
    second: Resource


def _find(resources: ResourceSet, expected: DesignExpectation | None) -> Iterator[Finding]:
    owners: dict[str, dict[_Owner, Resource]] = defaultdict(dict)
    overwriting: list[Resource] = []
    for record in resources.of_type("aws_route53_record"):
        tokens = _tokens(resources, record)
        for token in tokens:
            owners[token].setdefault(_owner(record), record)
        if tokens and may_be_true(record.values.get("allow_overwrite")):
            overwriting.append(record)
    shared = tuple(_shared(resources, owners))
    hiding = {_owner(record) for record in overwriting}
    yield from (_twice(each, hiding) for each in shared)
    twice = {_owner(record) for each in shared for record in (each.first, each.second)}
    left = (record for record in overwriting if _owner(record) not in twice)
    yield from (_overwriting(each) for each in left if not _is_declared(each, expected))


def _is_declared(record: Resource, expected: DesignExpectation | None) -> bool:
    """Whether the settings name the region whose stack takes over the record of a lost one."""
    region = expected.certificate_region if expected else None
    return expected is not None and record.stack == stack_name(expected.environment, "iot", region)


def _shared(resources: ResourceSet, owners: dict[str, dict[_Owner, Resource]]) -> Iterator[_Shared]:
    reported: set[_Owner] = set()
    for token, records in owners.items():
        first, *further = records.values()
        for record in further:
            if _owner(record) not in reported and not _differ(resources, first, record):
                reported.add(_owner(record))
                yield _Shared(token, first, record)


def _twice(shared: _Shared, hiding: set[_Owner]) -> Finding:
    """Return the finding about two owners; those of `hiding` overwrite each other's record."""
    first = shared.first
    is_hidden = bool({_owner(first), _owner(shared.second)} & hiding)
    consequence = (
        "`allow_overwrite` hides it until one of the two is destroyed, and with it the record: then"
        " the other's certificates cannot be renewed."
        if is_hidden
        else "the second owner fails, or overwrites the first and later destroys it."
    )
    return finding_at(
        shared.second,
        _ID,
        f"the validation record for {shared.token} is also {first.address} of {first.stack}: for"
        f" one name and account ACM requires the same record in every region, so {consequence}"
        f" {_ONE_OWNER}",
    )


def _overwriting(record: Resource) -> Finding:
    return finding_at(
        record,
        _ID,
        "`allow_overwrite` on a certificate's validation record would hide another owner, if a"
        " stack that was not passed has one: if one of the two is destroyed, the certificates of"
        f" the other cannot be renewed. {_ONE_OWNER}",
        Verdict.WARN,
    )


def _differ(resources: ResourceSet, first: Resource, second: Resource) -> bool:
    """Whether two records are for different names of the same certificate."""
    certificates = [resources.referenced(each, each.values.get("name")) for each in (first, second)]
    if certificates[0] is None or certificates[0] is not certificates[1]:
        return False
    names = [resources.resolve(each, each.values.get("name")) for each in (first, second)]
    return names[0] != names[1] or "name" in first.inferred or "name" in second.inferred


def _owner(record: Resource) -> _Owner:
    """Return a record's resource without its key: instances are created and destroyed together."""
    return record.stack, _INSTANCE.sub("", record.address)


def _tokens(resources: ResourceSet, record: Resource) -> set[str]:
    """Return the names that a record validates, and its own; empty if it validates none."""
    values = [record.values.get("name"), *texts(record.values.get("records"))]
    referenced = [resources.referenced(record, value) for value in values]
    certificates = [each for each in referenced if each and each.type == _CERTIFICATE]
    targets = (resolved_text(resources, record, each) or "" for each in values[1:])
    if not certificates and not any(map(_TARGET.search, targets)):
        return set()
    name = resolved_text(resources, record, record.values.get("name"))
    is_own = name is not None and "name" not in record.inferred
    tokens = {dns_name(name)} if name and is_own and name.startswith("_") else set[str]()
    return tokens.union(*(_domains(resources, record, each) for each in certificates))


def _domains(resources: ResourceSet, record: Resource, certificate: Resource) -> set[str]:
    values = certificate.values
    names = [values.get("domain_name"), *texts(values.get("subject_alternative_names"))]
    known = (resources.resolve(certificate, name) for name in names)
    # ACM uses the same record for *.x and x
    # (docs.aws.amazon.com/acm/latest/userguide/dns-validation.html).
    domains = {dns_name(name).removeprefix("*.") for name in known if isinstance(name, str)}
    instance = _INSTANCE.search(record.address)
    key = dns_name(instance.group("key") or "").removeprefix("*.") if instance else ""
    return {key} if key in domains else domains


RULE: Final = Rule(
    id=_ID,
    title="One owner of a certificate's validation record",
    why="For one name and account ACM requires the same CNAME in every region, and for *.x the same"
    " as for x. With an owner in each region the second apply fails. With `allow_overwrite` (a"
    " warning if only one owner is known) it succeeds, and destroying one region silently breaks"
    " the renewal of all others.",
    source="docs.aws.amazon.com/acm/latest/userguide/dns-validation.html;"
    " github.com/hashicorp/terraform-provider-aws issues 13653 and 9666",
    find=_find,
)
