"""One script per claim: it measures the claim and its peer in the same run."""
