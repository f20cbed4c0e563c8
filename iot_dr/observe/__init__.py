"""Read-only views of an account, and the operator's switch."""
