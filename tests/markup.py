"""Pages as a browser reads them, by Lexbor's parser: a tree that tests can walk."""

from functools import cache
from xml.etree.ElementTree import Comment, Element

from selectolax.lexbor import LexborHTMLParser, LexborNode


@cache  # nobody changes what it returns
def parsed(html: str) -> Element:
    """Return the element `html` of a page; the tag of a comment is a function, as in ElementTree."""
    root = LexborHTMLParser(html).root
    assert root is not None
    return _element(root)


def _element(node: LexborNode) -> Element:
    element = Element(str(node.tag), {name: value or "" for name, value in node.attributes.items()})
    last = None
    child = node.first_child
    while child is not None:
        if not child.is_text_node:
            last = Comment() if child.is_comment_node else _element(child)
            element.append(last)
        elif last is None:
            element.text = (element.text or "") + (child.text_content or "")
        else:
            last.tail = (last.tail or "") + (child.text_content or "")
        child = child.next
    return element
