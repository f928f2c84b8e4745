"""The embedded runtime: all of fieldline in one process, on one data directory, with PostgreSQL from a wheel and no
Kafka.

``runtime.opened`` gives a runtime to this process; ``serve.serve`` adds the local door by which other processes of the
same user reach it.
"""
