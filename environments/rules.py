"""Checks of settings that depend on several values; each yields its findings."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from environments.fields import Finding
from environments.regions import IOT_REGIONS, LONGEST_REGION, nearest
from functions.contract import REGIONS

MOST_TAGS: Final = 40
"""AWS allows 50 tags on a resource; ten are reserved for the project's own."""

FEWEST_REGIONS: Final = REGIONS[0]
MOST_REGIONS: Final = REGIONS[-1]
MOST_LEAVING_REGIONS: Final = MOST_REGIONS - FEWEST_REGIONS
"""Two of five regions must stay."""

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET_NAME_LENGTH: Final = 63
# docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html: keys of 1 to 128 characters,
# values of 0 to 256; letters, spaces, digits and _.:/=+-@
_TAG_KEY_LENGTH: Final = 128
_TAG_VALUE_LENGTH: Final = 256
_TAG_SIGNS: Final = "_.:/=+-@"
_TAG_CATEGORIES: Final = "LZN"
_TAG_RULE: Final = f"letters, digits, spaces and {_TAG_SIGNS}"


def check_regions(value: object) -> Iterator[Finding]:
    """Yield each unknown or repeated region, and the value if it is not a list of 2 to 5."""
    yield from _about_list("regions", value, FEWEST_REGIONS, MOST_REGIONS)


def check_leaving_regions(value: object, regions: Sequence[str]) -> Iterator[Finding]:
    """Yield each unknown, repeated or still used region, and a value that is not a list.

    A list of more than three is also yielded as a whole.
    """
    yield from _about_list("leaving_regions", value, 0, MOST_LEAVING_REGIONS)
    is_list = isinstance(value, (list, tuple))
    leaving: Sequence[object] = cast("Sequence[object]", value) if is_list else ()
    for index, region in enumerate(leaving[:MOST_LEAVING_REGIONS]):
        if region in regions:
            yield (index,), region, "is also in regions; expected it in only one of the two"


def _about_list(key: str, value: object, fewest: int, most: int) -> Iterator[Finding]:
    if not isinstance(value, (list, tuple)):
        yield (), value, "is not a list; expected [one, another]"
        return
    regions = cast("Sequence[object]", value)
    if not fewest <= len(regions) <= most:
        expected = f"{fewest} to {most} different regions"
        yield (), list(regions), f"is a list of {len(regions)}; expected {expected}"
    # Of a list that is too long, only the allowed number of entries is checked.
    for index, region in enumerate(regions[:most]):
        first = regions.index(region)
        if first < index:
            yield (index,), region, f"is given twice; it is already {key}[{first}]"
        else:
            for _, _, message in check_region(region, IOT_REGIONS):
                yield (index,), region, message


def check_region(region: object, among: Sequence[str]) -> Iterator[Finding]:
    """Yield `region` if it has no IoT Core, or is not `among` its environment's regions."""
    if region not in IOT_REGIONS:
        hint = nearest(str(region), IOT_REGIONS)
        yield (
            (),
            region,
            f"is not a region with IoT Core; {hint or f'expected {_listed(IOT_REGIONS)}'}",
        )
    elif region not in among:
        yield (), region, f"is not among the regions; expected {_listed(among)}"


def check_bucket_prefix(prefix: str, environment: str) -> Iterator[Finding]:
    """Yield a finding if a bucket name with the longest region name would exceed 63 characters."""
    rest = f"-{environment}-{LONGEST_REGION}"
    longest = _BUCKET_NAME_LENGTH - len(rest)
    if len(prefix) > longest:
        message = f"has {len(prefix)} characters; expected at most {longest}, because a bucket name"
        yield ("bucket_prefix",), prefix, f"{message} with {rest} has at most {_BUCKET_NAME_LENGTH}"


def check_tags(tags: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each tag that AWS would refuse, and the tags as a whole if there are more than 40."""
    if len(tags) > MOST_TAGS:
        yield (), dict(tags), f"has {len(tags)} tags; expected at most {MOST_TAGS}"
    for key, value in tags.items():
        if not 1 <= len(key) <= _TAG_KEY_LENGTH or not _tag_characters(key):
            yield (
                (key,),
                key,
                f"is not a valid tag key; expected 1 to {_TAG_KEY_LENGTH} {_TAG_RULE}",
            )
        elif key.lower().startswith("aws:"):
            yield (key,), key, "is not a valid tag key; expected one without the prefix aws:"
        if len(value) > _TAG_VALUE_LENGTH or not _tag_characters(value):
            yield (
                (key,),
                value,
                f"is not a valid tag value; expected 0 to {_TAG_VALUE_LENGTH} {_TAG_RULE}",
            )


def _tag_characters(text: str) -> bool:
    return all(
        sign in _TAG_SIGNS or unicodedata.category(sign)[0] in _TAG_CATEGORIES for sign in text
    )


def _listed(regions: Sequence[str]) -> str:
    return ", ".join(regions)
