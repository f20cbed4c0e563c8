"""The resources of a platform that is adopted, compared with the block `existing` (ADR 0041)."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from environments.existing import Existing, ExistingDevicePolicy
from environments.existing_files import policy_document
from environments.settings import ExistingZone
from iot_dr.common.plain_text import plain
from iot_dr.common.terraform_binary import product
from iot_dr.observe.aws.errors import NOT_FOUND, RequestRefusedError
from iot_dr.observe.doctor.account import Account, together
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok
from iot_dr.observe.switch.record_sets import (
    DeviceRecordsError,
    described,
    records_at,
    simple_cname,
)


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield what differs from the settings, or stands in the way of a cut-over; nothing if new."""
    existing = account.settings.existing
    if existing is None:
        return
    region = existing.region
    yield from together(
        {
            (region, "domain configuration"): partial(_domain, account, existing),
            (region, "certificate"): partial(_certificate, account, existing),
            (region, "policy"): partial(_policy, account, existing),
            ("", "record"): partial(_record, account, existing),
        }
    )


def _domain(account: Account, existing: Existing) -> Iterator[AccountFinding]:
    name, region = existing.domain_configuration, existing.region
    try:
        # docs.aws.amazon.com/iot/latest/apireference/API_DescribeDomainConfiguration.html
        answer = account.clients.call(
            "iot", region, "describe_domain_configuration", domainConfigurationName=name
        )
    except RequestRefusedError as error:
        if error.code != NOT_FOUND:
            raise
        yield missing(
            f"there is no domain configuration {name}",
            "set existing.domain_configuration to the one of the device name",
            f"aws iot list-domain-configurations --region {region}",
            region=region,
            blocks=True,
        )
        return
    faults = list(_faults(account, existing, answer))
    yield from faults or [ok(f"the domain configuration {name} is as in the settings", region)]


def _faults(
    account: Account, existing: Existing, answer: dict[str, Any]
) -> Iterator[AccountFinding]:
    name, region = existing.domain_configuration, existing.region
    wanted, given = account.settings.device_name, plain(answer.get("domainName", ""))
    if given != wanted:
        message = f"the domain configuration {name} is of {given}, not of {wanted}"
        remedy = "correct existing.domain_configuration, zone.name or endpoint.label"
        yield missing(message, remedy, region=region, blocks=True)
    arns = [plain(each["serverCertificateArn"]) for each in answer.get("serverCertificates", ())]
    if arns != [existing.certificate_arn]:
        yield missing(
            f"the domain configuration {name} has the certificate {', '.join(arns) or 'none'}",
            f"set existing.certificate_arn to it; {product()} would have to replace the domain"
            " configuration otherwise",
            region=region,
            blocks=True,
        )
    if authorizer := answer.get("authorizerConfig", {}).get("defaultAuthorizerName"):
        yield missing(
            f"the domain configuration {name} has the custom authorizer {plain(authorizer)}, which"
            " a deploy would remove",
            "a custom authorizer cannot be adopted; keep its devices on another name",
            region=region,
            blocks=True,
        )
    if answer.get("domainConfigurationStatus") == "DISABLED":
        message = f"the domain configuration {name} is disabled, and a deploy would enable it"
        yield missing(message, "make sure that devices are to use it", region=region)


def _certificate(account: Account, existing: Existing) -> Iterator[AccountFinding]:
    arn, region = existing.certificate_arn, existing.region
    try:
        answer = account.clients.call("acm", region, "describe_certificate", CertificateArn=arn)
    except RequestRefusedError as error:
        if error.code != NOT_FOUND:
            raise
        message, remedy = f"there is no certificate {arn}", "correct existing.certificate_arn"
        yield missing(message, remedy, region=region, blocks=True)
        return
    certificate = answer["Certificate"]
    if certificate.get("Type") != "IMPORTED":
        yield ok("ACM renews the certificate of the device name", region)
        return
    # docs.aws.amazon.com/acm/latest/userguide/import-reimport.html
    yield missing(
        f"the certificate of the device name was imported, so ACM does not renew it; it ends on"
        f" {certificate['NotAfter']:%Y-%m-%d}",
        "import its successor into the same ARN before that",
        f"aws acm import-certificate --region {region} --certificate-arn {arn} ...",
        region=region,
    )


def _policy(account: Account, existing: Existing) -> Iterator[AccountFinding]:
    policy, region = existing.device_policy, existing.region
    if policy is None:
        return
    try:
        answer = account.clients.call("iot", region, "get_policy", policyName=policy.name)
    except RequestRefusedError as error:
        if error.code != NOT_FOUND:
            raise
        message = f"there is no IoT policy {policy.name}"
        remedy = "correct existing.device_policy.name"
        yield missing(message, remedy, region=region, blocks=True)
        return
    own = policy_document(account.settings, region) or ""
    if json.loads(answer["policyDocument"]) == json.loads(own):
        yield ok(f"the IoT policy {policy.name} is as in {policy.document}", region)
    else:
        yield _other_policy(policy, region)


def _other_policy(policy: ExistingDevicePolicy, region: str) -> AccountFinding:
    return missing(
        f"the IoT policy {policy.name} differs from {policy.document}: a deploy would change what"
        " devices may do",
        "write its document to the file, unless the change is intended",
        f"aws iot get-policy --region {region} --policy-name {policy.name} --query policyDocument"
        f" --output text > {policy.document}",
        region=region,
    )


def _record(account: Account, existing: Existing) -> Iterator[AccountFinding]:
    zone, name = account.settings.zone, account.settings.device_name
    if existing.cut_over or not isinstance(zone, ExistingZone):
        return
    try:
        record = simple_cname(name, records_at(account.clients, zone.id, name))
    except DeviceRecordsError as error:
        yield missing(str(error), "do so before iot-dr adopt cut-over")
        return
    yield ok(f"{name} has the record that a cut-over replaces: {described(record)}")
