"""State buckets, asked with the patience of a status."""

from botocore.exceptions import BotoCoreError, ClientError

from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import Asked, is_silence, told
from iot_dr.observe.state.store import S3Client, Store
from stacks.state_location import StateLocation


class EagerStore(Store):
    """A store with the clients, and so the time limits and the role, of all other questions.

    Every method also raises AwsError: without credentials, and where the role is not given.
    """

    def __init__(self, clients: Clients) -> None:
        super().__init__(None)
        self._of_status = clients

    def _client(self, location: StateLocation) -> S3Client:
        try:
            return self._of_status.client("s3", location.region)
        except (BotoCoreError, ClientError) as error:
            if is_silence(error):
                # The store tells that the region does not answer, and looks at the others.
                raise
            raise told(Asked("s3", location.region, "GetObject"), error) from error
