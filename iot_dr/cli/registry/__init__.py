"""`iot-dr registry`: compares, copies, reconciles and shows the regions' device registries."""
