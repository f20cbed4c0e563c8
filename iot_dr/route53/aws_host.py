"""Host names and ARNs of AWS: their region, and whether they are AWS IoT's."""

import re
from typing import Final


def region_pattern(separator: str) -> str:
    """Return a regular expression for a region; `separator` is `-`, `_` or a pattern for both."""
    return (
        rf"[a-z]{{2}}(?:{separator}gov|{separator}iso[a-z]?)?{separator}"
        rf"(?:central|north(?:east|west)?|south(?:east|west)?|east|west){separator}\d"
    )


REGION: Final = region_pattern("-")
"""A regular expression for a region."""

REGION_IN_ADDRESS: Final = re.compile(region_pattern("[-_]"))
"""A region in an address of Terraform, whose names have `_` for `-`."""

# docs.aws.amazon.com/general/latest/gr/iot-core.html; the dual-stack suffixes are in the endpoint
# rules of the AWS SDKs (aws-sdk-iotdataplane, endpoint_provider.rb).
_SUFFIX: Final = r"(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws|api\.amazonwebservices\.com\.cn)"
_IOT: Final = re.compile(rf"(?:.*\.)?iot(?:-fips)?\.[\w-]+\.{_SUFFIX}")
_HOST: Final = re.compile(rf"(?<![\w])({REGION})\.(?:[\w-]{{1,63}}\.){{0,3}}{_SUFFIX}(?![\w-])")
_LABELS: Final = re.compile(r"[\w.-]*\Z")
_LONGEST_HOST: Final = 253
_ARN: Final = re.compile(rf"arn:aws[\w-]*:[\w-]+:({REGION}):[^\s\"',]*")
_EXPRESSION: Final = re.compile(r"\$\{[^}]*\}")


def is_region(text: str) -> bool:
    """Whether a text has the form of a region, such as `eu-west-1`."""
    return re.fullmatch(REGION, text) is not None


def is_iot_host(text: str) -> bool:
    """Whether a host is AWS IoT's, such as `a1-ats.iot.eu-west-1.amazonaws.com`.

    An expression in the name, such as an unknown region, counts as one label.
    """
    return _IOT.fullmatch(_EXPRESSION.sub("x", text).rstrip(".").lower()) is not None


def region_of_host(host: str) -> str | None:
    """Return the region in an AWS host name, None if there is none."""
    match = _HOST.search(host.lower())
    return match.group(1) if match else None


def kind_of_host(host: str) -> str | None:
    """Return what AWS hosts of one kind have in common in all regions; None for other hosts.

    The first label is made by AWS, but for the end that says which CA has signed its certificate.
    """
    region = region_of_host(host)
    first, _, rest = host.lower().partition(".")
    ending = "-ats" if first.endswith("-ats") else ""
    return f"{ending}.{rest.replace(region, '')}" if region else None


def regional_names_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return the ARNs and AWS hosts in a text that contain a region, each with that region."""
    if "arn:" not in text and "aws" not in text:
        return ()
    arns = [(match.group(), match.group(1)) for match in _ARN.finditer(text)]
    return (*arns, *((_whole(text, match), match.group(1)) for match in _HOST.finditer(text)))


def _whole(text: str, match: re.Match[str]) -> str:
    """Return the host that ends with a match, with the labels before it."""
    before = text[max(0, match.start() - _LONGEST_HOST) : match.start()]
    labels = _LABELS.search(before)
    return (labels.group() if labels else "") + match.group()
