"""What lies beyond the picture: everything reachable, and the ways from one node to another."""
