"""Snapshots as files that can be read as what they are."""

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode


def text_file(ending: str) -> type[SingleFileSnapshotExtension]:
    """Give the kind of snapshot that is a text file with this ending."""

    class TextFile(SingleFileSnapshotExtension):
        _write_mode = WriteMode.TEXT
        file_extension = ending

    return TextFile
