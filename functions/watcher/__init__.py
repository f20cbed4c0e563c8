"""Switches devices away from the primary once it has failed, so that going back is a decision."""
