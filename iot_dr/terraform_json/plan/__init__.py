"""The reader of plans (`terraform show -json`), used by the rules and by the review."""
