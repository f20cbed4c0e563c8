"""Room for a text of limited size."""


class Budget:
    """Counts UTF-8 bytes, which are never fewer than characters, however those are counted."""

    def __init__(self, size: int) -> None:
        self.left = size

    def takes(self, *texts: str) -> bool:
        """Take texts in, all or none; False when there is no room for them."""
        size = sum(map(measured, texts))
        if size > self.left:
            return False
        self.left -= size
        return True

    def share(self, size: int) -> "Budget":
        """Set some of the room apart; what is not used of it comes back by `restore`."""
        share = Budget(min(size, self.left))
        self.left -= share.left
        return share

    def restore(self, share: "Budget") -> None:
        """Take back what a share has left."""
        self.left += share.left
        share.left = 0


def measured(text: str) -> int:
    """Give the size of a text in bytes."""
    return len(text) if text.isascii() else len(text.encode())
