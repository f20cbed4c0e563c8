"""Snapshots as text files in their own format."""

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


def text_file(ending: str) -> type[SingleFileSnapshotExtension]:
    """Return a snapshot extension for text files with this suffix."""

    class TextFile(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = ending

    return TextFile
