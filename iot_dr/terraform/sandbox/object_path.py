"""S3 keys as file paths: legible, one path for each key, and never outside their folder."""

from pathlib import PurePosixPath
from urllib.parse import quote, unquote

# What `quote` would leave as it is, and the file system would not; a lone % is no other segment's.
_SPECIAL = {"": "%", ".": "%2E", "..": "%2E%2E"}


def path_of(key: str) -> PurePosixPath:
    """Give the relative path of the file that holds the object `key`."""
    return PurePosixPath(*map(_encoded, key.split("/")))


def key_of(path: PurePosixPath) -> str | None:
    """Give the key whose file is at the relative path `path`; None for a file of something else."""
    key = "/".join("" if part == "%" else _decoded(part) for part in path.parts)
    return key if path_of(key) == path else None


def _encoded(segment: str) -> str:
    return _SPECIAL.get(segment) or quote(segment, safe="", errors="surrogatepass")


def _decoded(part: str) -> str:
    try:
        return unquote(part, errors="surrogatepass")
    except UnicodeDecodeError:
        return part
