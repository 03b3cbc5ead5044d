"""Conversions, firings and the outbox in one store. `interface.py` says what a store can do; `sqlite.py` and
`memory.py` do it."""
