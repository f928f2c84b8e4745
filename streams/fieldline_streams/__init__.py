"""How it moves and runs: the composition root.

``embedded`` runs everything in one process; ``gateway`` finds it, or starts it; ``cli`` is the command line, ``demo``
and ``show`` play on the same runtime.
"""
