"""IP addresses that nothing on the internet reaches."""

from ipaddress import ip_address, ip_network
from typing import Final

# docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
_UNREACHABLE: Final = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"),
            *("100.64.0.0/10", "224.0.0.0/4", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8"),
        ),
    )
)


def is_private_address(text: str) -> bool:
    """Whether a text is an IP address that Route 53's checkers, on the internet, do not reach."""
    try:
        parsed = ip_address(text)
    except ValueError:
        # A name, or the id of a check whose address is not known.
        return False
    return any(parsed in network for network in _UNREACHABLE)
