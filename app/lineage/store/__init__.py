"""Parsed events -> rows: a few bulk statements for the whole batch, blind to order, harmless when repeated."""
