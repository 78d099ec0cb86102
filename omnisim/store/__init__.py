"""The store: results that survive anything, one SQLite file a folder.

    (scenario, engine, luck, seed) --SHA-256--> key --> one row: numbers or the error, and a checksum

A result is a pure function of its key, so a second run only fills in what is missing, and two processes that compute the same row
do no harm.  Nothing that is read is ever executed: rows are JSON, compressed numbers and text.
"""

from omnisim.store.database import NAME, Failure, Store, StoreError
from omnisim.store.doctor import Health, examine
from omnisim.store.keys import engine_version, key
from omnisim.store.shelf import Shelf

__all__ = ["NAME", "Failure", "Health", "Shelf", "Store", "StoreError", "engine_version", "examine", "key"]
