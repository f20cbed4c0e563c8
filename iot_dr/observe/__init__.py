"""An account as it is, read-only but for the operator's switch."""
