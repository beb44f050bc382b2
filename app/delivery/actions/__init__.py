"""What changes hooks and deliveries."""
