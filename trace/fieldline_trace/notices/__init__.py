"""Notices: subscribers are told of what the judge wrote, by signed webhooks.

``fanout`` enters a notice for each subscriber and change, from a stored cursor; ``sending`` posts what is due;
``subscribers`` keeps who is told; ``targets`` says where may be posted to.
"""
