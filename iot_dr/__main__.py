"""`python -m iot_dr`, the same as the command `iot-dr`."""

from iot_dr.command import main

main()
