"""While the demo is served its company keeps working: what happens follows from a seed and the clock, sent by API."""
