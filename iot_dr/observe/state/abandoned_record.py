"""The record of abandoned regions, as it is in home's bucket."""

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.state.abandoned import (
    AbandonedRecordError,
    AbandonedRegion,
    abandoned_in,
    abandoned_location,
)
from iot_dr.observe.state.store import Store, StoreError, UnreachableError
from stacks.state_location import copied_stacks, state_location


def read_abandoned(settings: Settings, store: Store) -> tuple[AbandonedRegion, ...] | UserError:
    """Return the abandoned regions, none if home does not answer, or why they are not known.

    Older policies of operators do not allow to read the record.
    """
    place = abandoned_location(state_location(settings, copied_stacks(settings)[0]))
    try:
        stored = store.read(place)
        return abandoned_in(stored.content if stored else None, place)
    except UnreachableError:
        return ()
    except (StoreError, AbandonedRecordError) as error:
        return error
