"""All that knows HTTP but no slice."""
