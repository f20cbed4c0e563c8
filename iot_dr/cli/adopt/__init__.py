"""`iot-dr adopt`: replaces the device name's old record by failover records, or restores it."""
