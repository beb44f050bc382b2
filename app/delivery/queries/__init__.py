"""Selects on hooks, deliveries and workers."""
