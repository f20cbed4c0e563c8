"""The environment that is looked at in these tests."""

from typing import Final

from tests.support.settings import settings

SETTINGS: Final = settings()
WEST: Final = "eu-west-1"
CENTRAL: Final = "eu-central-1"
