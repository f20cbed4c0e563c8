"""The tools around the app; importing this first gives the provider bindings their fast start."""

from iot_dr.bindings import install

install()
