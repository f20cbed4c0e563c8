"""A region's server certificate, replaced by a new one while another region takes the devices."""
