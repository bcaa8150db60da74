"""The weekly mail for every surface: built from what is published, approved, sent or handed on."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError
from pydantic_core import to_json

from panel.app.decisions import published
from panel.app.mail_server import envelope_now, sender_address, smtp_session
from panel.app.settings import MAIL_KEYS
from panel.app.site import catalogue_of
from panel.app.subscribers import open_subscribers
from panel.app.workspace import Workspace
from panel.digest.drafts import push_to_buttondown, push_to_listmonk
from panel.digest.issue import Issue, issue_of
from panel.digest.letter import Letter
from panel.digest.message import Envelope, Mailer
from panel.digest.sending import Sending, SendReport
from panel.domain.mailing import DigestApproval, Subscriber, Week
from panel.domain.validation import first_fault_of
from panel.errors import ConfigError, GateRefused, StoreError
from panel.store.digest_files import ISSUE, read_digest, write_digest
from panel.store.sql.subscribers import Mailing

FOLDER: Final = "digests"
_SAMPLE_TOKEN: Final = "A" * 22
_GATE: Final = "digest approved"
Engine = Literal["listmonk", "buttondown"]


@dataclass(frozen=True)
class BuiltDigest:
    """A built digest: its folder, what it says, and its approval where that is still of this text."""

    folder: Path
    letter: Letter
    approval: DigestApproval | None


def week_of(workspace: Workspace, name: str | None) -> Week:
    """Return the week that is named, else the one that is now. Raises ConfigError."""
    if name is None:
        return Week.of(workspace.settings.batch.day_of(workspace.clock.now()))
    try:
        return Week.named(name)
    except ValueError as error:
        raise ConfigError(f"{name}: no such week. Write one like 2026-W48.") from error


def build_digest(workspace: Workspace, week: Week) -> BuiltDigest:
    """Return the digest of a week, its files written. What changed it since its approval, undoes that.

    Raises ConfigError where nothing happened in the week, and StoreError.
    """
    issue = _issue_now(workspace, week)
    approval = _approval_of(workspace, issue)
    built = BuiltDigest(folder_of(workspace, week), _letter(workspace, issue, approval), approval)
    _write(workspace, built)
    return built


def read_built(workspace: Workspace, week: Week) -> BuiltDigest:
    """Return the digest of a week as it was built. Raises ConfigError and StoreError."""
    folder = folder_of(workspace, week)
    try:
        issue = Issue.model_validate_json(read_digest(folder))
    except ValidationError as error:
        raise StoreError(
            f"{folder / ISSUE}: it was changed by hand. Run `shipskip digest build --week {week.name}`."
        ) from error
    approval = _approval_of(workspace, issue)
    return BuiltDigest(folder, _letter(workspace, issue, approval), approval)


def approve_digest(workspace: Workspace, week: Week, editor: str, reason: str) -> BuiltDigest:
    """Return the digest of a week, approved as it was built: the journal has who did so, and why.

    Raises ConfigError where it was not built, or is not what would be built now.
    """
    built = read_built(workspace, week)
    _require_current(workspace, week, built)
    try:
        approval = DigestApproval(
            week=week.name,
            editor=editor,
            reason=reason,
            at=workspace.clock.now(),
            digest=built.letter.digest,
        )
    except ValidationError as error:
        place, why = first_fault_of(error)
        raise ConfigError(f"{place}: {why}. Correct it and approve the letter again.") from error
    with workspace.ledger() as ledger:
        ledger.decisions.approve_digest(approval)
    approved = BuiltDigest(built.folder, _letter(workspace, built.letter.issue, approval), approval)
    _write(workspace, approved)
    return approved


def send_digest(
    workspace: Workspace,
    week: Week,
    tell: Callable[[int], None],
    *,
    unsure_too: bool = False,
) -> SendReport:
    """Return what became of the mails of a week; those that an earlier `send` dealt with are left.

    Raises ConfigError, GateRefused without an approval of this text, and MailError before the first.
    """
    built = read_built(workspace, week)
    if built.approval is None:
        raise GateRefused(
            f"{week.name}: nobody approved this text. Read {built.folder / 'digest.html'}, then run "
            f"`shipskip digest approve {week.name} --as NAME --reason TEXT`.",
            gates=(_GATE,),
        )
    with open_subscribers(workspace) as store:
        store.clean_up(workspace.clock.now())
        known = store.mailing(week.name)
        if known is None:
            _require_current(workspace, week, built)
        else:
            _refuse_withdrawn(workspace, built)
            _require_same(week, built, known)
        envelope = envelope_now(workspace)
        session = smtp_session(workspace, envelope.sender)
        session.open()
        try:
            mailing = store.begin(week.name, built.letter.digest, workspace.clock.now())
            _require_same(week, built, mailing)  # another process may have begun it meanwhile
            return Sending(
                week=week.name,
                store=store,
                letter=built.letter,
                envelope=replace(envelope, at=mailing.begun),
                session=session,
                clock=workspace.clock,
                rate=workspace.settings.digest.rate,
                wait=time.sleep,
                unsure_too=unsure_too,
            ).run(tell)
        finally:
            session.close()


def push_digest(workspace: Workspace, week: Week, engine: Engine) -> str:
    """Return where the draft of a week's mail is at a newsletter service.

    It may go there before it is approved: it is a draft there too. Raises ConfigError and MailError.
    """
    built = read_built(workspace, week)
    key = workspace.settings.mail_keys.get(engine)
    if key is None:
        raise ConfigError(f"{engine}: it has no key. Set {MAIL_KEYS[engine]}.")
    if engine == "buttondown":
        return push_to_buttondown(built.letter, key)
    listmonk = workspace.settings.digest.listmonk
    if listmonk is None:
        raise ConfigError("[digest.listmonk]: it is missing; set url and lists.")
    return push_to_listmonk(built.letter, listmonk.url, listmonk.lists, key)


def folder_of(workspace: Workspace, week: Week) -> Path:
    """Return the folder of a week's digest."""
    return workspace.root / FOLDER / week.name


def _issue_now(workspace: Workspace, week: Week) -> Issue:
    found = published(workspace)
    if found.faults:
        raise StoreError("\n".join((*map(str, found.faults), "No digest was built.")))
    issue = issue_of(catalogue_of(workspace, found), week, _day_of(workspace))
    if issue is None:
        raise ConfigError(
            f"{week.name}: nothing was approved or corrected in this week, so there is no mail. "
            "Approve a run first, or name another --week."
        )
    return issue


def _day_of(workspace: Workspace) -> Callable[[datetime], date]:
    return workspace.settings.batch.day_of


def _letter(workspace: Workspace, issue: Issue, approval: DigestApproval | None) -> Letter:
    postal = workspace.settings.digest.postal
    return Letter(issue, approval.editor if approval else None, postal=postal)


def _approval_of(workspace: Workspace, issue: Issue) -> DigestApproval | None:
    """Return the last approval of the week, None where it is of another text."""
    if not workspace.has_ledger:
        return None
    with workspace.ledger() as ledger:
        found = ledger.decisions.digest_approval(issue.week)
    same = found is not None and found.digest == _letter(workspace, issue, None).digest
    return found if same else None


def _write(workspace: Workspace, built: BuiltDigest) -> None:
    """Write the files; the `.eml` goes to the sender itself, and its link to leave leads nowhere."""
    letter, settings = built.letter, workspace.settings.digest
    at = built.approval.at if built.approval else letter.issue.newest
    envelope = Envelope(
        sender=settings.sender or "Ship/Skip <digest@example.org>",
        reply_to=settings.reply_to,
        service=settings.address or "http://127.0.0.1:8742",
        at=at.replace(microsecond=0),
    )
    reader = Subscriber(
        address=sender_address(envelope.sender),
        token=_SAMPLE_TOKEN,
        categories=(),
        confirmed=at.date(),
    )
    mail = Mailer(letter, envelope)
    write_digest(
        built.folder,
        {
            ISSUE: to_json(letter.issue, indent=1) + b"\n",
            "digest.html": mail.html(reader).encode(),
            "digest.txt": mail.text(reader).encode(),
            "digest.md": letter.markdown.encode(),
            "digest.eml": mail.make(reader),
        },
    )


def _require_current(workspace: Workspace, week: Week, built: BuiltDigest) -> None:
    if _issue_now(workspace, week) != built.letter.issue:
        raise ConfigError(
            f"{week.name}: something was decided since this digest was built. Run `shipskip digest "
            f"build --week {week.name}`, read it, and approve it."
        )


def _require_same(week: Week, built: BuiltDigest, begun: Mailing) -> None:
    if built.letter.digest != begun.digest:
        raise ConfigError(
            f"{week.name}: some readers have another text of this week already, and a mail cannot be "
            "called back. Tell of the change in next week's."
        )


def _refuse_withdrawn(workspace: Workspace, built: BuiltDigest) -> None:
    withdrawn = {one.subject.tool for one in published(workspace).withdrawn}
    gone = withdrawn & set(built.letter.issue.slugs)
    if gone:
        names = ", ".join(sorted(gone))
        raise ConfigError(
            f"{built.letter.issue.week}: {names}: withdrawn since the approval, so no mail goes out. "
            "Build the digest anew and approve it."
        )
