"""Answers for people and programs: what is asked of fieldline and the JSON shapes that come back.

``answers`` has one module a question; ``receipts`` says what became of what was handed in.
"""
