"""What pages on jobs and runs show, read in a constant number of statements."""
