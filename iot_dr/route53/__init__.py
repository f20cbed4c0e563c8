"""Route 53 failover: records, health checks, and which region is answered."""
