"""`iot-dr drill`: rehearses failover on this machine, or simulates it."""
