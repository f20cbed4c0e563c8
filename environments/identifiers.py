"""Types of identifiers: project, environment, domain, account, role."""

from typing import Annotated, Final

from environments.fields import Text

CERTIFICATE_NAME_LENGTH: Final = 64
"""ACM: octets of a certificate's first name, here `*.{zone_name}`, for it is the common name too
(RFC 5280)."""

_NAME: Final = r"[a-z](?:[a-z0-9-]*[a-z0-9])?"
_NAME_RULE: Final = "a lower-case letter, then a-z, 0-9 and hyphens, no hyphen last"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"

# With these lengths {project}-{environment}-{region}-{what} leaves 15 of an IAM role name's 64
# characters for {what}: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
Project = Annotated[str, Text(_NAME, 20, f"{_NAME_RULE}, at most 20 characters")]
Environment = Annotated[
    str, Text(rf"(?!all$){_NAME}", 12, f"{_NAME_RULE}, at most 12 characters, not all")
]


def _dns_name(longest: int) -> Text:
    return Text(
        # The last label has a letter, so that an address such as 10.0.0.1 is not accepted.
        pattern=rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}",
        longest=longest,
        rule="a lower-case DNS name of two labels or more, such as example.com, without a dot "
        f"at the end, at most {longest} characters",
    )


Domain = Annotated[str, _dns_name(CERTIFICATE_NAME_LENGTH)]
ZoneName = Annotated[str, _dns_name(CERTIFICATE_NAME_LENGTH - len("*."))]
_SEGMENT: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]*"


def project_file(example: str) -> Text:
    """Return the rule of a path below the project's root, with an example of one."""
    return Text(
        pattern=rf"(?:{_SEGMENT}/)*{_SEGMENT}",
        longest=255,
        rule=f"the path of a file below the project's root, such as {example}: letters, digits and"
        " ._-/, and no part that begins with a dot or a hyphen",
    )


AccountId = Annotated[str, Text("[0-9]{12}", 12, "12 digits in quotes")]
RoleArn = Annotated[
    str,
    Text(
        pattern=r"arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}",
        longest=620,
        rule="the ARN of an IAM role, such as arn:aws:iam::111111111111:role/deploy",
    ),
]
