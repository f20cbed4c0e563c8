"""Addresses with their secrets hidden."""

from iot_dr.review.read.secrets import Secrets
from iot_dr.review.read.stack_changes import HiddenAddresses


def test_addresses_that_differ_only_in_secrets_stay_distinct() -> None:
    secrets = Secrets()
    secrets.add(["hunter-1", "hunter-2", "hunter-3"])
    addresses = HiddenAddresses(secrets)
    raw = [f'aws_x.y["hunter-{number}"]' for number in (1, 2, 3, 1)]
    assert [addresses.hidden(each) for each in raw] == [
        'aws_x.y["(sensitive)"]',
        'aws_x.y["(sensitive 2)"]',
        'aws_x.y["(sensitive 3)"]',
        'aws_x.y["(sensitive)"]',
    ]
    assert addresses.hidden('aws_x.y["hunter"]') == 'aws_x.y["hunter"]'
