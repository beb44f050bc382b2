"""What pages and workers ask of several tables."""
