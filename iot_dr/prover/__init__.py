"""The prover: every state of a failover design within a bound, and whether devices are served."""
