"""The device name of an existing platform: from its old record to failover records, and back."""
