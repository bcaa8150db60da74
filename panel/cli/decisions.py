"""`shipskip waiting`, `approve`, `edit`, `override` and the like: what an editor decides on a run."""

from collections.abc import Callable
from functools import wraps
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from panel.cli.options import json_option, root_option

if TYPE_CHECKING:
    from panel.app.decisions import FieldEdit, Order, RunPublication
    from panel.app.workspace import Workspace
    from panel.domain.decision import DecisionKind
    from panel.editorial.gates import Gate

F = TypeVar("F", bound=Callable[..., Any])
_NEWEST, _PUBLISHED = "its newest run", "its run that is published"


def _decision(run_of_slug: str) -> Callable[[Callable[..., "Order"]], Callable[..., int]]:
    """Make a command of what returns an order: it takes a run, an editor and a reason, and decides.

    `run_of_slug` says in its help which run the slug of a tool is.
    """

    def of(order: Callable[..., "Order"]) -> Callable[..., int]:
        @wraps(order)
        def command(
            *,
            run: str,
            as_json: bool,
            root: Path | None,
            **given: Any,  # noqa: ANN401 - its own options
        ) -> int:
            return _decide(root, run, order(**given), as_json=as_json)

        command.__doc__ = (
            f"{cleandoc(order.__doc__ or '')}\n\n"
            f"RUN is a run's folder, its id, or a tool's slug ({run_of_slug})."
        )
        for option in (
            root_option,
            json_option,
            click.option(
                "--reason", required=True, metavar="TEXT", help="Why; kept and never erased."
            ),
            click.option("--as", "editor", required=True, metavar="NAME", help="Who decides it."),
            click.argument("run"),
        ):
            command = option(command)
        return command

    return of


def _points(command: F) -> F:
    """Add --answer and --read."""
    read = click.option(
        "--read",
        multiple=True,
        metavar="SENTENCE",
        help="An unchecked sentence that you have read: builder.take.4.",
    )
    answer = click.option(
        "--answer",
        "answers",
        multiple=True,
        metavar="FLAG=TEXT",
        help="Your answer to a flag: flag-1=TEXT. `shipskip waiting RUN` lists them.",
    )
    return answer(read(command))


def _fields(command: F) -> F:
    """Add --field, --value and --found."""
    found = click.option(
        "--found",
        multiple=True,
        metavar="TEXT",
        help="Where each value was found: a passage, an address, who wrote in.",
    )
    value = click.option(
        "--value",
        "values",
        multiple=True,
        metavar="TEXT",
        help='What it is to say, in the order of the fields; "" is not stated.',
    )
    names = click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="FIELD",
        help="licence, price.1, builder.take.2, builder.take.2.evidence, builder.best_for, ...",
    )
    return names(value(found(command)))


@click.command(short_help="What waits for an editor; with RUN its gates and what is open.")
@click.argument("run", required=False)
@json_option
@root_option
def waiting(*, run: str | None, as_json: bool, root: Path | None) -> int:
    """List the newest run of each tool that waits for a decision or is held by one.

    Runs that wait for answers by hand come last.
    With RUN show its gates: which are passed, and what clears the others.
    """
    from panel.app import decisions
    from panel.app.workspace import Workspace
    from panel.cli.output import end_with_faults, print_json

    workspace = Workspace.open(root, own=True)
    if run is not None:
        found = decisions.publication(workspace, run)
        checked = decisions.gates(found)
        if as_json:
            print_json({**_document(found), "gates": [gate.model_dump() for gate in checked]})
        else:
            _print_open(found, checked)
            _print_redacted(workspace, found)
        return 0
    queue, faults = decisions.waiting(workspace)
    if as_json:
        print_json({"v": 1, "waiting": [_document(one) for one in queue]})
    for one in () if as_json else queue:
        _print_row(one, decisions.gates(one))
    if not queue and not as_json:
        click.echo("nothing waits for an editor", err=True)
    return end_with_faults(faults)


@click.command(short_help="Approve a run: what the next build of the site publishes.")
@_points
@_decision(_NEWEST)
def approve(
    *, editor: str, reason: str, answers: tuple[str, ...], read: tuple[str, ...]
) -> "Order":
    """Approve RUN. Gates stand before it: each that refuses says how to clear it, with exit code 7."""
    return _order("approve", editor, reason, answers=answers, read=read)


@click.command(short_help="Change a fact or a sentence of a run before it is approved.")
@_fields
@_points
@_decision(_NEWEST)
def edit(
    *,
    editor: str,
    reason: str,
    fields: tuple[str, ...],
    values: tuple[str, ...],
    found: tuple[str, ...],
    answers: tuple[str, ...],
    read: tuple[str, ...],
) -> "Order":
    """Change fields of RUN, answer its flags, or say which unchecked sentences you have read."""
    edits = _pair(fields, values, found)
    return _order("edit", editor, reason, edits=edits, answers=answers, read=read)


@click.command(short_help="Set another verdict than the panel's; readers see both.")
@click.option(
    "--verdict",
    type=click.Choice(["ship", "skip"]),
    required=True,
    help="The editor's verdict.",
)
@_decision(_NEWEST)
def override(*, editor: str, reason: str, verdict: Literal["ship", "skip"]) -> "Order":
    """Set the editor's verdict on RUN. The panel's stays beside it, with your name and reason."""
    return _order("override", editor, reason, verdict=verdict)


@click.command(short_help="Put a run aside until something is known.")
@_decision(_NEWEST)
def hold(*, editor: str, reason: str) -> "Order":
    """Put RUN aside: it stays in the list of what waits, with your reason.

    What screening holds for its text is another matter: `shipskip held`.
    """
    return _order("hold", editor, reason)


@click.command(short_help="Decide that a run is not published.")
@_decision(_NEWEST)
def reject(*, editor: str, reason: str) -> "Order":
    """Decide that RUN is not published. It can be approved later all the same."""
    return _order("reject", editor, reason)


@click.command(short_help="Correct a published fact or sentence; readers are told.")
@_fields
@_decision(_PUBLISHED)
def correct(
    *,
    editor: str,
    reason: str,
    fields: tuple[str, ...],
    values: tuple[str, ...],
    found: tuple[str, ...],
) -> "Order":
    """Correct fields of an approved RUN. What it was and what it is stand in the public list."""
    return _order("correct", editor, reason, edits=_pair(fields, values, found))


@click.command(short_help="Withdraw a published run; its page stays, with the reason.")
@_decision(_PUBLISHED)
def withdraw(*, editor: str, reason: str) -> "Order":
    """Withdraw an approved RUN: its page keeps its address and says why."""
    return _order("withdraw", editor, reason)


@click.command(short_help="Take back the last decision on a run, until the site is built.")
@_decision("its run that was decided on last")
def undo(*, editor: str, reason: str) -> "Order":
    """Take back the last decision on RUN. Both stay in the journal."""
    return _order("undo", editor, reason)


COMMANDS = (waiting, approve, edit, override, hold, reject, correct, withdraw, undo)


def _order(
    kind: "DecisionKind",
    editor: str,
    reason: str,
    *,
    edits: "tuple[FieldEdit, ...]" = (),
    verdict: Literal["ship", "skip"] | None = None,
    answers: tuple[str, ...] = (),
    read: tuple[str, ...] = (),
) -> "Order":
    from panel.app.decisions import Order

    pairs = [answer.partition("=") for answer in answers]
    if any(not flag or not text for flag, _, text in pairs):
        raise click.UsageError("--answer is FLAG=TEXT: the flag's id, then what you answer.")
    return Order(
        kind=kind,
        editor=editor,
        reason=reason,
        edits=edits,
        verdict=verdict,
        answers={flag: text for flag, _, text in pairs},
        read=read,
    )


def _pair(
    fields: tuple[str, ...], values: tuple[str, ...], found: tuple[str, ...]
) -> "tuple[FieldEdit, ...]":
    from panel.app.decisions import FieldEdit

    if len(fields) != len(values):
        raise click.UsageError("each --field needs a --value, in the same order.")
    if len(found) > len(fields):
        raise click.UsageError("--found says where a --field was found: there are more of them.")
    sources = (*found, *(None for _ in fields[len(found) :]))
    return tuple(
        FieldEdit(field=field, value=value or None, found=source)
        for field, value, source in zip(fields, values, sources, strict=True)
    )


def _decide(root: Path | None, run: str, order: "Order", *, as_json: bool) -> int:
    from panel.app.categories import category_notice
    from panel.app.decisions import decide
    from panel.app.workspace import Workspace
    from panel.cli.output import print_json

    workspace = Workspace.open(root, own=True)
    found = decide(workspace, run, order)
    notice = category_notice(workspace, found)
    if as_json:
        print_json({**_document(found), "notices": [notice] if notice else []})
    else:
        _print_decided(found, notice)
        _print_redacted(workspace, found)
    return 0


def _print_decided(found: "RunPublication", notice: str | None) -> None:
    from panel.cli.terminal import wrap
    from panel.publish.cells import plain

    made, now = found.publication.history[-1], found.publication
    click.echo(plain(f"{made.kind} {found.run.tool.name}, {found.run.id}: {now.state}"))
    click.echo(wrap(_verdict_line(found), "  verdict  "))
    for change in made.changes:
        was, is_ = change.before or "not stated", change.after or "not stated"
        click.echo(wrap(f"{change.field}: {was} -> {is_}", "  change   "))
    if notice:
        click.echo(wrap(notice, "  notice   "))
    click.echo(wrap(f"{made.editor}: {made.reason}", "  by       "))
    click.echo(wrap(_next(found), "  next     "))


def _next(found: "RunPublication") -> str:
    if found.publication.is_public:
        built = "the next `shipskip site build` has it"
        if found.publication.history[-1].kind == "undo":  # another one takes back the one before
            return f"{built}."
        return f"{built}; `shipskip undo {found.run.id}` takes it back until then."
    return f"`shipskip waiting {found.run.id}` shows its gates."


def _verdict_line(found: "RunPublication") -> str:
    from panel.cli.run_summary import headline

    override = found.publication.override
    told = f"{override.verdict.upper()} by {override.editor}; the panel: " if override else ""
    return f"{told}{headline(found.run)}"


def _print_row(found: "RunPublication", checked: "tuple[Gate, ...]") -> None:
    from panel.cli.terminal import wrap
    from panel.publish.cells import plain

    refused = [gate.name for gate in checked if not gate.passed]
    needs = f"needs {', '.join(refused)}" if refused else "clean"
    needs = "waits for answers by hand" if found.run.waits_by_hand else needs
    held = "held, " if found.publication.state == "held" else ""
    click.echo(plain(f"{found.run.id}  {found.run.tool.name}: {held}{needs}"))
    click.echo(wrap(_verdict_line(found), "  "))


def _print_redacted(workspace: "Workspace", found: "RunPublication") -> None:
    """Say that the panel of a held run was asked again without its passages, and by whom."""
    from panel.app.redacted_runs import find_redacted, say_redacted
    from panel.cli.terminal import wrap

    again = find_redacted(workspace, found.run)
    if again is not None:
        click.echo(wrap(f"{say_redacted(again)}. Decide on one of the two.", "  notice   "))


def _print_open(found: "RunPublication", checked: "tuple[Gate, ...]") -> None:
    from panel.cli.terminal import wrap
    from panel.editorial.gates import NAMESAKE, known_by
    from panel.editorial.open_points import known_sentences, raised_flags
    from panel.editorial.stale_reviews import stale_reviews
    from panel.publish.cells import plain

    publication = found.publication
    click.echo(plain(f"{found.run.id}  {found.run.tool.name}: {publication.state}"))
    click.echo(wrap(_verdict_line(found), "  "))
    for gate in checked:
        click.echo(
            wrap(f"{gate.says}. {gate.clear}", f"  {'+' if gate.passed else '!'} {gate.name:<11}")
        )
    for one in raised_flags(found.run):
        answer = publication.answers.get(one.id)
        state = f"answered: {answer}" if answer else "open"
        state = "released" if one.is_answered_by_release else state
        passage = f" “{one.flag.excerpt}”" if one.flag.excerpt else ""
        click.echo(wrap(f"{one.flag.message}{passage} ({state})", f"  {one.id}  "))
    if found.namesake is not None:
        answer = publication.answers.get(NAMESAKE)
        state = f"answered: {answer}" if answer else "open"
        click.echo(wrap(f"{known_by(found.namesake)} ({state})", f"  {NAMESAKE}  "))
    for review in stale_reviews(found.run, publication):
        state = f"answered: {review.answer}" if review.answer else "open"
        shifts = "; ".join(review.facts)
        click.echo(wrap(f"{shifts}: “{review.words}” ({state})", f"  {review.id}  "))
    for sentence in known_sentences(found.public):
        state = "read" if sentence.id in publication.read else "not read"
        click.echo(wrap(f"{sentence.text} ({state})", f"  {sentence.id}  "))
    for made in publication.history:
        undone = ", undone" if made.number in publication.undone else ""
        at = f"{made.at:%Y-%m-%d %H:%M}"
        click.echo(wrap(f"{at} {made.editor}: {made.kind}{undone}: {made.reason}", "  - "))


def _document(found: "RunPublication") -> dict[str, Any]:
    publication = found.publication
    return {
        "v": 1,
        "run": found.run.id,
        "tool": publication.subject.tool,
        "name": found.run.tool.name,
        "path": str(found.path),
        "state": publication.state,
        "decision": publication.decision,
        "panel": publication.panel.decision if publication.panel else None,
        **publication.model_dump(
            mode="json",
            include={"override", "changes", "answers", "read", "corrections", "history"},
        ),
        "undone": list(publication.undone),
        "seen": found.seen,
    }
