"""A subgraph as a picture: places, boxes, lines, words. Pure but for the ``dot`` program."""
