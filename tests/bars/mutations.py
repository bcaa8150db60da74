"""The mutations of replies.jsonl, carried out on a valid ballot or on the answer around it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.contract.kinds import Kind
from tests.contract.loopback import Reply

_PLACE = "@literal@"


def mutants(row: Mapping[str, Any], ballot: str, kind: Kind) -> Iterator[tuple[str, Reply]]:
    """Yield the name and the reply of each way in which `row` changes the answer `ballot`."""
    if row["level"] != "content":
        yield row["id"], _around(row, ballot, kind)
        return
    for name, text in _texts(row, ballot):
        if row.get("finish_reason") == "length":
            yield name, Reply(_cut_short(text, kind))
            # Not every server says that it cut an answer short.
            yield f"{name}, unsaid", Reply(kind.answer(text))
        else:
            yield name, Reply(kind.answer(text))


def _texts(row: Mapping[str, Any], ballot: str) -> Iterator[tuple[str, str]]:
    name, operation = row["id"], row["op"]
    if operation == "delete_each_required_key_in_turn":
        for path in _paths(json.loads(ballot)):
            yield f"{name} {'.'.join(map(str, path))}", _without(ballot, path)
        return
    if operation == "duplicate_first_score_key":
        # Besides the value of the data the highest one, which only the doubled key gives away.
        for literal in (row["second_literal"], "5", "1"):
            for after in (True, False):
                place = "after" if after else "before"
                yield f"{name} {literal} {place}", _with_twin(ballot, literal, after=after)
        return
    changes: dict[str, Callable[[], str]] = {
        "truncate": lambda: ballot[: int(len(ballot) * row["fraction"])],
        "wrap_text": lambda: str(row["prefix"] + ballot + row["suffix"]),
        "set_all_scores": lambda: _with_scores(ballot, row["literal"]),
        "add_key": lambda: f'{ballot[:-1]},"{row["key"]}":{row["literal"]}}}',
        "replace": lambda: str(row["text"]),
        "set_all_strings": lambda: _with_prose(ballot, row["text"]),
    }
    yield name, changes[operation]()


def _around(row: Mapping[str, Any], ballot: str, kind: Kind) -> Reply:
    """Return the answer of the server with what lies around the ballot changed."""
    if row["level"] == "http":
        body = json.dumps(kind.answer(ballot)).encode()
        if "truncate_body" in row:
            return Reply(body[: int(len(body) * row["truncate_body"])])
        return Reply(row["body"].encode(), row["status"], {"content-type": row["content_type"]})
    if row.get("finish_reason") == "content_filter":
        return Reply(kind.stopped_by("content_filter"))
    changes: dict[str, Callable[[], dict[str, Any]]] = {
        "message": lambda: kind.refusal(row["message"]["refusal"]),
        "choices": lambda: kind.without_answers(row["choices"]),
        "n_choices": lambda: _doubled(kind.answer(ballot)),
        "usage": lambda: {**kind.answer(ballot), "usage": row["usage"]},
        "message_content": lambda: _without_content(kind),
    }
    return Reply(next(change() for key, change in changes.items() if key in row))


def _cut_short(text: str, kind: Kind) -> dict[str, Any]:
    """Return an answer of `text` that says itself that it stopped at its length."""
    if kind.speaks_responses:
        why = {"reason": "max_output_tokens"}
        return kind.answer(text, status="incomplete", incomplete_details=why)
    said = kind.answer(text)
    said["choices"][0]["finish_reason"] = "length"
    return said


def _without_content(kind: Kind) -> dict[str, Any]:
    answer = kind.answer("")
    if kind.speaks_responses:
        answer["output"][-1]["content"] = None
    else:
        answer["choices"][0]["message"]["content"] = None
    return answer


def _doubled(answer: dict[str, Any]) -> dict[str, Any]:
    """Return `answer` with a second choice, or a second message, that gives top scores."""
    part = "output" if "output" in answer else "choices"
    other = json.loads(json.dumps(answer[part][-1]))
    text = re.sub(r'score\\":\d', r"score\":5", json.dumps(other))
    return {**answer, part: [*answer[part], json.loads(text)]}


def _with_scores(ballot: str, literal: str) -> str:
    document = json.loads(ballot)
    for finding in document["findings"]:
        finding["score"] = _PLACE
    return json.dumps(document).replace(f'"{_PLACE}"', literal)


def _with_twin(ballot: str, literal: str, *, after: bool) -> str:
    """Return `ballot` with a second value for its first score; of two most parsers take the last."""
    start = ballot.index('"score":')
    end = start + len('"score":4')
    twin, own = f'"score":{literal}', ballot[start:end]
    return ballot[:start] + (f"{own},{twin}" if after else f"{twin},{own}") + ballot[end:]


def _with_prose(ballot: str, text: str) -> str:
    """Return `ballot` with every text that is free replaced: keys, dates and choices stay."""
    fixed = {"criterion", "basis", "evidence", "by", "verdict"}

    def filled(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: filled(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [filled(item, key) for item in value]
        return text if isinstance(value, str) and key not in fixed else value

    return json.dumps(filled(json.loads(ballot)))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every key in `value`: all are required. Of a list, its first item's."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from _paths(item, (*path, key))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _without(ballot: str, path: tuple[Any, ...]) -> str:
    document = json.loads(ballot)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return json.dumps(document)
