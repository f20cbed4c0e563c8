"""A file that records the size of its largest write."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any


class LargestWrite(BytesIO):
    """Keeps the content, and the size of the largest write."""

    largest = 0

    def write(self, data: Any, /) -> int:
        self.largest = max(self.largest, len(data))
        return super().write(data)

    def writelines(self, lines: Iterable[Any], /) -> None:
        for line in lines:
            self.write(line)
