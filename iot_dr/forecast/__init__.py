"""Which region the device name leads to, who is paged, and how soon devices are back."""
