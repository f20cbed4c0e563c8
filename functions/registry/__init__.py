"""The device registry of one region and its replication to the other regions."""
