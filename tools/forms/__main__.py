"""Prints the matrix of verdicts; exit 1 if a form has the opposite verdict of its design."""

import sys

from tools.forms.matrix import as_text, design_rows, emitted_row, own_rows

_ENVIRONMENTS = ("dev", "prod")


def main() -> None:
    """Build every form with Terraform, and print the matrix."""
    rows = [
        *(row for environment in _ENVIRONMENTS for row in own_rows(environment)),
        emitted_row(),
        *design_rows(),
    ]
    sys.stdout.write(f"{as_text(rows)}\n")
    sys.exit(any(row.contradictions for row in rows))


if __name__ == "__main__":
    main()
