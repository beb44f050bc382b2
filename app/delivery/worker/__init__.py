"""Work that no request waits for: matching, sending, deadlines, and what slices registered."""
