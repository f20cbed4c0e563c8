"""Scripts for maintainers of this repository; the wheel has none of them."""
