"""The jobs slice."""
