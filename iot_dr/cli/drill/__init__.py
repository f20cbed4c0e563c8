"""`iot-dr drill`: proves on this machine that devices fail over, before an outage does."""
