"""Scripts in the place of programs."""

from pathlib import Path


def executable(file: Path, text: str) -> Path:
    """Write a script, with the folders that it is in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
    return file
