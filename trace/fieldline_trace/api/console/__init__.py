"""The console: what investigators and firms look at in a browser, over the same ports and cut by the same roles as the
HTTP door.

``app`` has the pages by address, ``session`` who is logged in, ``asking`` how a page gets its answers, ``acting`` how
its forms act through the door; ``model`` is what a picture shows, ``layout`` where it stands, both without I/O; each
other module is one or two views. Texts are in ``texts.toml``, pages in ``templates``.
"""

from fieldline_trace.api.console.app import with_console

__all__ = ["with_console"]
