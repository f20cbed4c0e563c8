"""Names of DNS, which compare without regard to case and final dot (RFC 4343; RFC 1034, 3.1)."""


def dns_name(text: str) -> str:
    """Write a name in the one form in which it compares: lower case, no final dot."""
    return text.rstrip(".").lower()


def is_below(name: str, zone: str) -> bool:
    """Tell whether a name is a zone's own or one below it."""
    short, long = dns_name(zone), dns_name(name)
    return long == short or long.endswith(f".{short}")
