"""The operator's door: metrics, records, failures, on a port of its own."""
