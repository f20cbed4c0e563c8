"""`iot-dr registry`: whether the regions hold the same devices, and what is done when not."""
