"""A Google Tag Manager export becomes a workspace, every value of it accounted for."""
