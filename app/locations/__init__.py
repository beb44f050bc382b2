"""The locations slice."""
