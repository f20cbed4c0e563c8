"""A file that tells how much of it is written at once."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any


class LargestWrite(BytesIO):
    """Keeps what is written, and the size of the largest piece, however it comes."""

    largest = 0

    def write(self, data: Any, /) -> int:
        self.largest = max(self.largest, len(data))
        return super().write(data)

    def writelines(self, lines: Iterable[Any], /) -> None:
        for each in lines:
            self.write(each)
