"""Who commits in the repositories of tests."""

from typing import Final

IDENTITY: Final = {
    f"GIT_{who}_{what}": "test@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}
"""The variables that name an author to git."""
