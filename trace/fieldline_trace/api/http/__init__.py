"""The HTTP door: FastAPI over the ports of ``api.ports``.

``app.create_app`` makes it; ``roles`` says who may do what; ``routes`` where each question is asked; ``problems`` how
errors look. Whoever comes in passes ``gate.admitted``, and nothing is answered past it.
"""
