"""Faults on purpose: every part of the streams is killed, frozen or starved while events come in, and what is there in
the end is held to a calm run of the same events.

``ground`` runs broker, PostgreSQL and workers; ``scenes`` are the faults; ``hold`` compares; ``python -m
fieldline_streams.faults`` plays them and writes ``.bench/faults.json``.
"""
