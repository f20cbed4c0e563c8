"""An environment's regions, as far as their registries go."""

from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from environments.settings import Settings
from functions.registry.access import RegistryAccess
from functions.registry.log import RegistryLog
from iot_dr.common.plain_text import plain
from iot_dr.observe.aws.clients import Clients, Limits
from iot_dr.observe.switch.caller import UNKNOWN, caller
from iot_dr.observe.switch.switching import WrongAccountError
from iot_dr.operate.registry.explained import explained
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.operate.registry.one_shadow import OneShadow
from iot_dr.operate.registry.pace import Pace

LIMITS: Final = Limits(connect=3, read=20, attempts=5, connections=64)
"""For work of hours: a call is tried for as long as AWS is a little busy."""

_OF_AWS: Final = (".amazonaws.com", ".api.aws")


class Sites:
    """Gives what reads and writes each region's registry, at a pace that AWS allows.

    Raises UsageError for an environment that keeps no registry in step.
    """

    def __init__(
        self, settings: Settings, rate: float | None = None, clients: Clients | None = None
    ) -> None:
        self.settings = settings
        self.names = RegistryNames.of(settings)
        self._rate = rate
        self._clients = clients or Clients(settings.deploy_role_arn, LIMITS)

    def access(self, region: str, *, is_read_alone: bool = False) -> RegistryAccess:
        """Give a region's IoT Core; one that is read alone costs half the calls for shadows.

        Raises AwsError.
        """
        # It tells at once, too, whether the region answers and takes the credentials.
        told = self._clients.call("iot", region, "describe_endpoint", endpointType="iot:Data-ATS")
        with explained(region):
            iot = self._clients.client("iot", region)
            pace = Pace(self._rate)
            endpoint = f"https://{told['endpointAddress']}" if _is_of_aws(iot) else None
            data = self._clients.client("iot-data", region, endpoint)
            for client in iot, data:
                pace.hold(client)
            make = partial(RegistryAccess, iot, OneShadow(data) if is_read_alone else data)
            return make(region, self.settings.account_id, self.names.excluded)

    def log(self, region: str) -> RegistryLog:
        """Give a region's replica of the table; raises AwsError."""
        with explained(region):
            client = self._clients.client("dynamodb", region)
            return RegistryLog(client, self.names.table, self.settings.regions)

    def things(self, region: str) -> int | None:
        """Give about how many things a region has, where it indexes them; None where not."""
        try:
            answer = self._clients.call("iot", region, "get_statistics", queryString="thingName:*")
            return int(answer["statistics"]["count"])
        except Exception:  # noqa: BLE001 - it is for a progress bar alone, which does without
            return None

    def refuse_other_account(self, region: str) -> None:
        """Raise WrongAccountError when the credentials are of another account, or AwsError."""
        if self.settings.deploy_role_arn:
            return
        who = caller(region, LIMITS)
        account = self.settings.account_id if who == UNKNOWN else who.split(":")[4]
        if account != self.settings.account_id:
            raise WrongAccountError(
                f"{plain(who)} is of account {plain(account)}; {self.settings.environment} is in"
                f" {self.settings.account_id} (account_id): use credentials of that account"
            )


def _is_of_aws(client: Any) -> bool:  # noqa: ANN401 - boto3 has no types
    """Tell whether a client asks AWS, and not what variables lead it to."""
    return (urlsplit(str(client.meta.endpoint_url)).hostname or "").endswith(_OF_AWS)
