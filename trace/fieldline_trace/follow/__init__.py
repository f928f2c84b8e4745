"""Followers: apply ledger entries in order of position, and derive what stands, what alerts and what is in scope.

``standing`` and ``world`` are pure; ``names``, ``judge``, ``stored``, ``replay`` and ``rebuild`` read and write
PostgreSQL.
"""
