"""States read with the time limits of an observation."""

from botocore.exceptions import BotoCoreError, ClientError

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import AwsCall, as_aws_error, is_silence
from iot_dr.observe.state.store import S3Client, Store
from stacks.state_location import StateLocation


class StoreWithClients(Store):
    """A store of states that uses given clients, with their time limits and role.

    Methods also raise AwsError if there are no credentials or the role cannot be assumed.
    """

    def __init__(self, clients: Clients) -> None:
        super().__init__(None)
        self._of_status = clients

    def _client(self, location: StateLocation) -> S3Client:
        try:
            return self._of_status.client("s3", location.region)
        except (BotoCoreError, ClientError) as error:
            if is_silence(error):
                # The store reports that the region does not answer, and goes on with the others.
                raise
            raise as_aws_error(AwsCall("s3", location.region, "GetObject"), error) from error
