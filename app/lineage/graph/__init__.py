"""The graph: what was asked (``question``), what was found (``model``), how it is walked and how it is drawn."""
