"""Rotation of a region's server certificate, while another region takes the devices."""
