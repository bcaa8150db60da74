"""Answers given by hand: the prompt goes to a file, the answer comes back in one beside it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from panel.domain.exchange import Completion, Exchange, Request
from panel.domain.review import MANUAL
from panel.errors import StoreError, Waiting
from panel.store.atomic_write import alone_in, write_alone
from panel.store.regular_files import read_text


class Manual:
    """A provider that asks a person to paste a prompt into any chat and its answer into a file.

    `folder` holds, for each request, `<name>.prompt.md` and, once it is given, `<name>.answer.json`.
    `answered_by` says in the editor's words who wrote the answers: it is recorded as the model.
    """

    def __init__(self, folder: Path, answered_by: str) -> None:
        self._folder = folder
        self._answered_by = answered_by

    async def complete(self, request: Request) -> Completion:
        """Return the answer in its file. Raises Waiting, and writes the prompt, while there is none."""
        name = name_of(request)
        answer = self._folder / f"{name}.answer.json"
        if text := _read(answer):
            return Completion(text=text, model=self._answered_by, usage=None, calls=0)
        prompt = self._folder / f"{name}.prompt.md"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            prompt.write_text(render(request), encoding="utf-8")
        except OSError as error:
            raise _store_error(self._folder, error) from error
        raise Waiting(f"paste {prompt.name} into a fresh chat, save its answer as {answer.name}")


def _prompts_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.prompt.md"))


def _asked(prompt: Path) -> str:
    return prompt.name.partition("-")[0]


def _answer_to(prompt: Path) -> Path:
    return prompt.with_name(prompt.name.replace(".prompt.md", ".answer.json"))


def give(folder: Path, who: str, text: str) -> bool:
    """Write `text` as the answer to the open prompt of `who`; False where there is none.

    Of two answers to one prompt at once the first is kept. Raises StoreError.
    """
    try:
        with alone_in(folder):
            for prompt in _prompts_in(folder):
                if _asked(prompt) == who and not _read(answer := _answer_to(prompt)):
                    write_alone(answer, text.encode())
                    return True
    except (FileNotFoundError, NotADirectoryError):  # no prompt was ever written
        return False
    except OSError as error:
        raise _store_error(folder, error) from error
    return False


def open_prompts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield who is asked and what, for each prompt in `folder` that has no answer yet.

    Raises StoreError.
    """
    for prompt in _prompts_in(folder):
        if _read(_answer_to(prompt)):
            continue
        try:
            yield _asked(prompt), read_text(prompt)
        except OSError as error:
            raise _store_error(prompt, error) from error


def corrections(
    folder: Path, exchanges: Iterable[Exchange], answered_by: str
) -> Iterator[Exchange]:
    """Yield each answer that was changed in its file since it was recorded, as the next attempt.

    Only the last turn of a conversation can be corrected: what was built on an answer is not undone.
    Raises StoreError.
    """
    last: dict[tuple[str, int], Exchange] = {}
    for exchange in exchanges:
        if exchange.request.provider == MANUAL and isinstance(exchange.outcome, Completion):
            place = exchange.request.label, exchange.request.sample
            if place not in last or _turn(exchange.request) >= _turn(last[place].request):
                last[place] = exchange
    for exchange in last.values():
        request = exchange.request
        text = _read(folder / f"{name_of(request.but(attempt=0))}.answer.json")
        if text and isinstance(exchange.outcome, Completion) and text != exchange.outcome.text:
            outcome = exchange.outcome.model_copy(update={"text": text, "model": answered_by})
            yield Exchange(request=request.but(attempt=request.attempt + 1), outcome=outcome, ms=0)


def _turn(request: Request) -> tuple[int, int]:
    return len(request.messages), request.attempt


def _read(answer: Path) -> str:
    """Return the answer in its file, or nothing where there is none yet. Raises StoreError."""
    try:
        text = read_text(answer, "utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise _store_error(answer, error) from error
    except UnicodeDecodeError as error:
        raise StoreError(
            f"{answer}: the answer is not UTF-8 text. Save it as UTF-8 and run again."
        ) from error
    return text if text.strip() else ""


def _store_error(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{error.filename or path}: {error.strerror}. Mend it and run again.")


def name_of(request: Request) -> str:
    """Return the file name of a request: what it asks, its sample, and which of its turns it is."""
    subject = request.label.rpartition(":")[2]
    turn = "" if len(request.messages) <= 2 else "-repair"  # noqa: PLR2004 - system and user
    sample = f"-{request.sample + 1}" if request.sample else ""
    attempt = f"-again{request.attempt}" if request.attempt else ""
    short = hashlib.sha256(request.key.encode()).hexdigest()[:6]
    return f"{subject}{sample}{turn}{attempt}-{short}"


def render(request: Request) -> str:
    """Return the request as one text to paste: its turns, then the schema of the answer."""
    turns = []
    for message in request.messages:
        if message.role == "assistant":
            turns.append(f"(Your answer was)\n\n{message.text}")
        else:
            turns.append(message.text)
    schema = json.dumps(request.answer_schema, ensure_ascii=False)
    return "\n\n".join((*turns, f"The schema of the answer (JSON Schema):\n{schema}")) + "\n"
