"""The form of a post, read whole or refused."""

from typing import Final
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

_KIND: Final = "application/x-www-form-urlencoded"


async def read_form(request: Request, most_fields: int) -> dict[str, list[str]]:
    """Return the fields of a plain form with their values; empty ones are left out.

    Raises HTTPException with the detail `form`: 415 for another kind of body, 400 for one that is no
    form or has more fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _KIND:
        raise HTTPException(415, "form")
    try:
        return parse_qs((await request.body()).decode(), max_num_fields=most_fields)
    except ValueError as error:  # UnicodeDecodeError is one
        raise HTTPException(400, "form") from error
