"""The live feed: what followers wrote, in order, from any point on, cut to what its reader may see.

``pages`` reads it from the tables; ``tail`` reads what is new once for all readers; ``shown`` cuts it.
"""

from fieldline_trace.api.feed.item import FeedItem, feed_id, parse_feed_id
from fieldline_trace.api.feed.tail import Tail

__all__ = ["FeedItem", "Tail", "feed_id", "parse_feed_id"]
