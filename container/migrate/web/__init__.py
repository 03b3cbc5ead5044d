"""A web container: what can move becomes server tags fed by one stream of events, the rest stays in the page."""
