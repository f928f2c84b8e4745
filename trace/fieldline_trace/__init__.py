"""What it means: the ledger, lineage, risk and recalls, and the answers made of them.

Imports point one way: ``api`` over ``follow``, ``capture``, ``recall``, ``risk``, ``lineage``. ``store`` has the only
SQL, ``formats`` read what others write, ``reference`` is dated data with sources; ``settings``, ``metrics`` and
``errors`` are there for all.
"""
