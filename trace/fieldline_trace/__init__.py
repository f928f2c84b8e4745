"""What events mean: capture to the ledger, and what followers derive of it.

Imports point one way: ``api``, ``follow``, ``capture``, ``recall``, ``risk``, ``lineage``. ``store`` has the only SQL, ``formats`` read what
others write, ``reference`` is dated data; ``settings``, ``metrics`` and ``errors`` are there for all.
"""
