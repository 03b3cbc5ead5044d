"""The tables, and how a connection to them is opened.

A conversion's number is never given twice (AUTOINCREMENT): names and calls may outlive the conversion they belong to.
What is looked up by its key and small is WITHOUT ROWID; rows of some kilobytes (copies, records) are not: in a table
without rowids all but the first kilobyte of each would lie on a page of its own.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

WAL_KEPT = 64 << 20  # bytes of the WAL's file that are kept when it is begun anew
PAGES = 2 << 10  # KiB of pages that a connection keeps
WRITERS_PAGES = 8 << 10  # KiB: what one batch of the writer touches, and the upper levels of the indexes
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversions(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,
  first REAL NOT NULL, expires REAL NOT NULL, united INTEGER, state BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS conversions_expires ON conversions(expires);
CREATE TABLE IF NOT EXISTS names(
  hash BLOB NOT NULL, number INTEGER NOT NULL, expires REAL NOT NULL, PRIMARY KEY(hash, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hints(
  hash BLOB NOT NULL, number INTEGER NOT NULL, expires REAL NOT NULL, PRIMARY KEY(hash, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS firings(
  number INTEGER NOT NULL, target TEXT NOT NULL, tag TEXT NOT NULL, destination TEXT NOT NULL, record TEXT NOT NULL,
  state TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY(number, target, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS copies(
  number INTEGER NOT NULL, copy INTEGER NOT NULL, expires REAL NOT NULL, blob BLOB NOT NULL,
  PRIMARY KEY(number, copy));
CREATE INDEX IF NOT EXISTS copies_expires ON copies(expires);
CREATE TABLE IF NOT EXISTS held(
  number INTEGER NOT NULL, tag TEXT NOT NULL, why TEXT NOT NULL, record TEXT NOT NULL, due REAL,
  PRIMARY KEY(number, tag)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_due ON held(due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER, record TEXT NOT NULL, account TEXT NOT NULL,
  target TEXT NOT NULL, state TEXT NOT NULL, due REAL NOT NULL, created REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, first_attempt REAL, orphaned INTEGER NOT NULL DEFAULT 0, owner TEXT,
  reason TEXT NOT NULL DEFAULT '', since REAL, call BLOB NOT NULL, envelope BLOB NOT NULL, item BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox(account, due) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox(account) WHERE state = 'queued'; -- in the order of id
CREATE INDEX IF NOT EXISTS outbox_others ON outbox(state) WHERE state != 'queued'; -- few, however many wait
CREATE INDEX IF NOT EXISTS outbox_number ON outbox(number) WHERE number IS NOT NULL;
CREATE TABLE IF NOT EXISTS records(
  id TEXT PRIMARY KEY, kept_as TEXT NOT NULL, number INTEGER, at REAL NOT NULL, record BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS records_class ON records(kept_as, id);
CREATE INDEX IF NOT EXISTS records_number ON records(number) WHERE number IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries(
  id INTEGER PRIMARY KEY, record TEXT NOT NULL, tag TEXT NOT NULL, destination TEXT NOT NULL, target TEXT NOT NULL,
  at REAL NOT NULL, outcome TEXT NOT NULL, status INTEGER, reason TEXT NOT NULL, attempt INTEGER NOT NULL,
  took REAL NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_record ON deliveries(record);
"""


def connect(path: Path, pages: int = PAGES) -> sqlite3.Connection:
    """A connection in WAL mode, every commit on disk. `pages`: how much of the file it keeps in memory, in KiB.

    What one connection keeps is void with the next commit of another: only the writer gains by more.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=5)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=20000")  # a net: the checkpointer comes first
    connection.execute(f"PRAGMA journal_size_limit={WAL_KEPT}")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA cache_size=-{pages}")
    return connection
