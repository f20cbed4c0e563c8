"""Client ids of the drill's own."""

from typing import Final

# A thing's name holds no slash, so no device has one that begins so.
LOCAL_CLIENT: Final = "drill/"
"""What ids of clients begin with that come to a broker by its plain port."""
