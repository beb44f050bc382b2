"""Values read with several queries."""
