"""What lineage pages and APIs select."""
