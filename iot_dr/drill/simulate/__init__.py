"""Simulation of outages for fleets of up to ten million devices, with numpy."""
