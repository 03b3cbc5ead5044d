"""Tags: one file a vendor's parameters."""
