"""The graph: what was asked (``ask``), what was found (``subgraph``, ``model``), how it is walked and drawn."""
