"""Why something did not work, in words that hold nothing of what was sent."""

from functions.probe.aws_error import class_and_code
from functions.registry.access.errors import Never, NotYet
from functions.registry.entity import EntityError
from functions.registry.item import RowError
from functions.registry.log import Overtaken
from functions.registry.pending import Busy
from functions.registry.state import StateError

_LONGEST = 500
_OUR_OWN = (Never, NotYet, EntityError, RowError, Overtaken, Busy, StateError)


def reason_of(error: BaseException) -> str:
    """Give what an error of our own says, and of another one its class and AWS's code."""
    if isinstance(error, _OUR_OWN):
        # What it quotes of a row may be halves of characters, which DynamoDB's UTF-8 has not.
        return str(error)[:_LONGEST].encode(errors="backslashreplace").decode()
    return class_and_code(error)
