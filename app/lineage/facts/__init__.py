"""What the rows of a realm say, in a form an independent computation over the same events can be compared with."""
