"""What people do to jobs, and say about any entity."""
