"""`shipskip review`: one or more tools before the panel."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panel.cli.options import (
    Dollars,
    answered_by_option,
    json_option,
    model_option,
    out_option,
    root_option,
    split_keys,
)
from panel.errors import ConfigError

if TYPE_CHECKING:
    from panel.app.publish import PublishedRun
    from panel.app.review import ReviewService
    from panel.cli.output import Output


@click.command(short_help="Put tools before the panel: a verdict and a page each.")
@click.argument("tools", nargs=-1, required=True, metavar="TOOL...")
@model_option
@click.option("--personas", metavar="A,B", help="Only these personas, in this order.")
@click.option("--samples", type=click.IntRange(1, 20), help="Ask each reviewer that many times.")
@click.option("--max-cost", type=Dollars(), help="Stop before the calls cost more than this.")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="Calls at the same time.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="WHO=FILE",
    help="With --model manual: the answer of a persona (or of intake) from a file, or - for stdin.",
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="A,B",
    help="With --model manual: let the first answer of these personas stand, faults and all, if it "
    "can be read.",
)
@answered_by_option
@json_option
@click.option("--jsonl", is_flag=True, help="Each event as a JSON line on standard output.")
@out_option
@root_option
def review(
    *,
    tools: tuple[str, ...],
    models: tuple[str, ...],
    personas: str | None,
    samples: int | None,
    max_cost: Decimal | None,
    concurrency: int | None,
    answers: tuple[str, ...],
    accepted: tuple[str, ...],
    answered_by: str | None,
    as_json: bool,
    jsonl: bool,
    out: Path | None,
    open_page: bool,
    root: Path | None,
) -> int:
    """Put TOOL before the panel: a file (.md, .yaml, .json), a URL, or - for stdin.

    An interrupted or waiting run of the same tool is resumed; a finished one is left as it is and a
    new one begins. The same command resumes an interrupted one on several tools: what was finished
    is not asked again.
    """
    from panel.app.panels import BY_HAND, ReviewOptions
    from panel.app.review import ReviewService
    from panel.cli.output import Output

    if as_json and jsonl:
        raise click.UsageError("--json and --jsonl exclude each other.")
    given = _answers(tools, answers)
    options = ReviewOptions(
        models=models,
        personas=split_keys(personas),
        samples=samples,
        max_cost=max_cost,
        concurrency=concurrency,
        answered_by=answered_by or BY_HAND,
        accepted=split_keys(",".join(accepted)),
    )
    output = Output(as_json=as_json, jsonl=jsonl, several=len(tools) > 1)
    found = _review(ReviewService(options, workspace=root, out=out), tools, given, output)
    for one in found if open_page else ():
        click.launch(one.page.resolve().as_uri())
    return output.end(found)


def _review(
    service: "ReviewService", tools: tuple[str, ...], answers: dict[str, str], output: "Output"
) -> "list[PublishedRun]":
    from panel.app.event_loop import run_async
    from panel.app.sources import load_tools

    loaded = load_tools(tools)

    async def review_all() -> "list[PublishedRun]":
        async with service:
            return await service.review_all(loaded, output.events(), answers)

    return run_async(review_all)


def _answers(tools: tuple[str, ...], answers: tuple[str, ...]) -> dict[str, str]:
    """Return the given answers by persona or intake. Raises UsageError and ConfigError."""
    if answers and len(tools) > 1:
        raise click.UsageError("--answer is for one tool at a time.")
    pairs = [answer.partition("=") for answer in answers]
    if wrong := next((given for given in pairs if not given[0] or not given[2]), None):
        raise click.UsageError(f"--answer {''.join(wrong)}: write WHO=FILE, or WHO=- for stdin.")
    if [*tools, *(source for *_, source in pairs)].count("-") > 1:
        raise click.UsageError("standard input can be read once: give one - at most.")
    if len({who for who, *_ in pairs}) < len(pairs):
        raise click.UsageError("--answer is given twice for one name.")
    return {who: _read_answer(source) for who, _, source in pairs}


def _read_answer(source: str) -> str:
    from panel.app.sources import read_stdin

    try:
        if source == "-":
            return read_stdin().decode("utf-8-sig")
        return Path(source).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{source}: the answer is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{source}: {error.strerror}. Name a file with the answer.") from error
