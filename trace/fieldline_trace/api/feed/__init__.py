"""The live feed: what followers wrote, in order, from any point on, cut to what its reader may see.

What the tables have is read by ``follow.pages``; ``tail`` reads what is new once for all readers; ``shown`` cuts it.
"""

from fieldline_trace.api.feed.tail import Tail
from fieldline_trace.follow.told import FeedItem, feed_id, parse_feed_id

__all__ = ["FeedItem", "Tail", "feed_id", "parse_feed_id"]
