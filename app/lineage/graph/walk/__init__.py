"""From a question to a subgraph: what stands next to nodes, what is shown of it, what is said of the rest."""
