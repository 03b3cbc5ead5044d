"""tagport: a server-side tag container you can read. Start with `pipeline.py`."""

__version__ = "0.1.0"
