"""What checkov finds in the emitted modules, and why it stays: `make scan`."""
