"""`iot-dr pipeline`: what a pipeline's builds ask, and which pipeline is the active one."""
