"""Failover designs as Terraform declares them: what serves devices, and what judges it."""
