"""The test device in a made-up account: what AWS IoT is asked, and what stays on disk."""

from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate

from iot_dr.acceptance.device import AcceptanceDevice
from iot_dr.observe.aws.errors import RequestRefusedError
from tests.iot_dr.acceptance.account import Account
from tests.support.settings import settings

SETTINGS = settings()
MADE = [
    "register_certificate_without_ca", "create_thing", "attach_policy", "attach_thing_principal",
]  # fmt: skip
REMOVED = [
    "update_certificate", "detach_thing_principal", "detach_policy", "delete_certificate",
    "delete_thing",
]  # fmt: skip


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


@pytest.fixture
def device(account: Account, tmp_path: Path) -> AcceptanceDevice:
    return account.tools(SETTINGS, tmp_path, print).device


def asked(account: Account, region: str) -> list[str]:
    return [method for at, method, _ in account.calls if at == region]


def test_every_region_gets_the_same_certificate_thing_and_policy(
    account: Account, device: AcceptanceDevice
) -> None:
    device.create()
    given = [
        [
            (method, str(what).replace(region, ""))
            for at, method, what in account.calls
            if at == region
        ]
        for region in SETTINGS.regions
    ]
    assert given[0] == given[1]
    assert [method for method, _ in given[0]] == MADE
    attached = account.calls[2][2]
    assert attached["policyName"] == "example-dev-device"
    assert attached["target"].endswith(f":cert/{device.certificate_id}")


def test_the_key_is_for_its_owner_alone_and_no_region_gets_it(
    account: Account, device: AcceptanceDevice
) -> None:
    device.create()
    assert device.key.stat().st_mode & 0o777 == 0o600
    assert device.folder.stat().st_mode & 0o777 == 0o700
    assert "PRIVATE KEY" in device.key.read_text(encoding="utf-8")
    assert "PRIVATE" not in str(account.calls)


def test_what_was_made_in_part_is_made_again_with_the_same_certificate(
    account: Account, device: AcceptanceDevice
) -> None:
    device.create()
    before = device.certificate_id
    account.failing["register_certificate_without_ca"] = RequestRefusedError(
        "iot", "ResourceAlreadyExistsException"
    )
    device.create()
    assert device.certificate_id == before
    certificate = load_pem_x509_certificate(device.certificate.read_bytes())
    assert certificate.issuer == certificate.subject


def test_it_is_removed_in_the_order_that_aws_wants_and_the_key_goes_last(
    account: Account, device: AcceptanceDevice
) -> None:
    device.create()
    account.calls.clear()
    account.failing["delete_certificate"] = RequestRefusedError(
        "iot: conflict", "DeleteConflictException"
    )
    with pytest.raises(RequestRefusedError, match="conflict"):
        device.remove()
    assert device.key.exists()
    account.failing = {"detach_policy": RequestRefusedError("iot", "ResourceNotFoundException")}
    account.calls.clear()
    device.remove()
    assert [asked(account, region) for region in SETTINGS.regions] == [REMOVED, REMOVED]
    assert not device.folder.exists()
    device.remove()
