"""Incidents as event files with the truth beside them, played through a running service and held to that truth.

``story`` reads one, ``play`` hands it in and shows what is known when, ``hold`` compares the end with the truth.
"""
