"""Drafts at newsletter services: the letter goes there unsent, and they do the rest."""

import json
import re
from typing import Any, Final

import httpx2

from panel.digest.letter import READER, Letter
from panel.errors import MailError
from panel.providers.key_redaction import KnownKeys

_BUTTONDOWN: Final = "https://api.buttondown.com"
_TIMEOUT_S: Final = 30.0
_BRACES: Final = str.maketrans({"{": "&#123;", "}": "&#125;"})
_DOUBLE: Final = re.compile(r"\{(?=\{)|\}(?=\})")
_LONGEST_ANSWER: Final = 200
_FAILED: Final = 400


def push_to_listmonk(letter: Letter, url: str, lists: tuple[int, ...], key: str) -> str:
    """Return the address of a draft campaign that a listmonk at `url` has made.

    `key` is `USER:TOKEN` of one of its API users. Braces of others are written as entities: the service
    reads the body as a template. Raises MailError.
    """
    leave = '<p><a href="{{ UnsubscribeURL }}">Leave with one press</a></p>'
    document = {
        "name": f"{letter.issue.title} {letter.issue.week}",
        "subject": _without_commands(letter.subject),
        "lists": list(lists),
        "type": "regular",
        "content_type": "html",
        "body": _as_template(letter.html).replace(READER, leave),
        "altbody": _without_commands(letter.text) + "Leave: {{ UnsubscribeURL }}\n",
    }
    made = _post(f"{url}api/campaigns", document, "token", key)
    return f"{url}admin/campaigns/{_id_in(made.get('data'), url)}"


def push_to_buttondown(letter: Letter, key: str, url: str = _BUTTONDOWN) -> str:
    """Return the id of a draft that Buttondown has made. It adds its own link to leave.

    Raises MailError.
    """
    document = {
        "subject": letter.subject,
        "body": letter.markdown.translate(_BRACES),
        "status": "draft",
    }
    return _id_in(_post(f"{url}/v1/emails", document, "Token", key), url)


def _as_template(html: str) -> str:
    """Return HTML in which no brace begins a command; those of the stylesheets stay single."""
    head, style, rest = html.partition("<body")
    return _without_commands(head) + style + rest.translate(_BRACES)


def _without_commands(text: str) -> str:
    """Return a text in which no two braces of a kind stand beside each other."""
    return _DOUBLE.sub(r"\g<0> ", text)


def _id_in(draft: object, url: str) -> str:
    """Return the id of what a service made. Raises MailError where its answer has none."""
    found = draft.get("id") if isinstance(draft, dict) else None
    if found is None:
        raise MailError(f"{url}: it answered without a draft. Look there, and check its address.")
    return str(found)


def _post(url: str, document: dict[str, Any], scheme: str, key: str) -> dict[str, Any]:
    """Return what a service answered, without the key that it was sent. Raises MailError."""
    keys, headers = KnownKeys(key.split(":")), {"authorization": f"{scheme} {key}"}
    try:
        answer = httpx2.post(url, json=document, headers=headers, timeout=_TIMEOUT_S)
        text = keys.scrub(answer.text)
        if answer.status_code >= _FAILED:
            said = " ".join(text.split())[:_LONGEST_ANSWER]
            raise MailError(
                f"{url}: no draft was made ({answer.status_code} {said}). Check its key."
            )
        found = json.loads(text)
    except (httpx2.HTTPError, ValueError) as error:
        raise MailError(f"{url}: no draft was made ({error}). Check its address.") from error
    return found if isinstance(found, dict) else {}
