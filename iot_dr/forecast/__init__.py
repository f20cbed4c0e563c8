"""Predictions: the answered region, the alarms, the recovery time and the recovery point."""
