"""Selects on jobs and runs."""
