"""Recall: scopes of holdings that a finding reaches, their numbered versions, what is held, and whom to call. Pure.

``reach`` computes what evidence supports; ``scope`` keeps that apart from what people hold; ``docket`` has all scopes
of a world.
"""
