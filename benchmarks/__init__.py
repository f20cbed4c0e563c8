"""One script for each claim: it measures the claim and its peer in the same run."""
