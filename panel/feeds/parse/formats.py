"""The format of a feed: which reader its bytes are for."""

import re
from typing import Final

from panel.feeds.decompression import MOST_BYTES, TooLarge, unpack
from panel.feeds.parse.encoding import decode
from panel.feeds.parse.items import UnreadableFeedError
from panel.feeds.parse.json_csv_feeds import JsonCsvReader
from panel.feeds.parse.xml_feeds import XmlReader

_HEAD: Final = 100_000
_WEB_PAGE: Final = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
_XML_FEED: Final = re.compile(r"<\?xml\s|<(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)(?=[\s>])")


def open_feed(data: bytes) -> tuple[XmlReader | JsonCsvReader, str | None]:
    """Return the reader that a look at the text asks for, and what is wrong with the encoding.

    Raises UnreadableFeedError.
    """
    try:
        data = unpack(data)
    except TooLarge as error:
        raise UnreadableFeedError(f"it opens to more than {MOST_BYTES:,} bytes") from error
    except ValueError as error:
        raise UnreadableFeedError(f"its compression is damaged ({error})") from error
    text, note = decode(data)
    if not text.strip():
        raise UnreadableFeedError("it is empty")
    if _WEB_PAGE.match(text):
        raise UnreadableFeedError("it is a web page; a feed's own address is needed")
    first = text.lstrip()[:1]
    if first == "<" or (first not in "{[" and _XML_FEED.search(text[:_HEAD])):
        return XmlReader(text), note
    if note:
        raise UnreadableFeedError(f"{note}: save it as UTF-8")
    return JsonCsvReader(text), None
