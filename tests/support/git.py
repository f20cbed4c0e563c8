"""The author of commits in the tests' repositories."""

from typing import Final

IDENTITY: Final = {
    f"GIT_{who}_{what}": "test@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}
"""The variables that set git's author."""
