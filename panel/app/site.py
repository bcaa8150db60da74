"""The public site of a workspace: built from what is approved, checked, and served for a look."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path

from panel.app.audit import last_audit
from panel.app.decisions import Published, as_public, published, record_build
from panel.app.predictions import resolved
from panel.app.settings import Settings
from panel.app.votes import read_community
from panel.app.workspace import Workspace
from panel.domain.community import Community
from panel.domain.decision import SiteBuild
from panel.domain.run import Run
from panel.editorial.publication import Publication
from panel.errors import ConfigError, StoreError
from panel.publish.catalogue import Catalogue, Identity
from panel.publish.published import PublishedTool
from panel.site.assets import Assets
from panel.site.plan import Cards, SitePlan, digest_of_code
from panel.store.site_builds import BuiltSite, SiteBuilds


@dataclass(frozen=True)
class SiteReport:
    """A build of the site: where it is, and how much there is in it."""

    built: BuiltSite
    tools: int
    withdrawn: int
    comparisons: int
    unknown: tuple[str, ...]


def build_site(workspace: Workspace, out: Path | None = None) -> SiteReport:
    """Return the build of the public site, once it has taken the place of the one before.

    What is on it is what was approved when this began; where an editor undid some of that meanwhile it
    is built again, without. Raises StoreError where an approved run is gone or another one than was
    approved, and where nothing can be written; then the site is as it was.
    """
    report, upto = _build(workspace, out)
    while _was_undone(workspace, upto):
        report, upto = _build(workspace, out)
    return report


def _was_undone(workspace: Workspace, upto: int) -> bool:
    """Tell whether a decision up to that number was undone before its build was written down."""
    if not upto:
        return False
    with workspace.ledger() as ledger:
        return any(
            one.undoes is not None and one.undoes <= upto for one in ledger.decisions.after(upto)
        )


def _build(workspace: Workspace, out: Path | None) -> tuple[SiteReport, int]:
    """Return a build of the site, and the number of the last decision that it has."""
    with open_cards() as cards, _kept_from_collector() as read:
        found = published(workspace)
        _refuse_faults(found)
        catalogue = catalogue_of(workspace, found)
        plan = SitePlan(catalogue, Assets.load(), digest_of_code(), cards)
        files = tuple(plan.files())
        read()
        built = SiteBuilds(site_folder(workspace, out)).build(files)
    if found.upto:
        at = workspace.clock.now()
        record_build(workspace, SiteBuild(at=at, digest=built.digest, upto=found.upto))
    named = (slug for pair in catalogue.pairs for slug in pair)
    report = SiteReport(
        built=built,
        tools=len(catalogue.tools),
        withdrawn=len(catalogue.every) - len(catalogue.tools),
        comparisons=len(catalogue.comparisons),
        unknown=tuple(dict.fromkeys(slug for slug in named if slug not in catalogue.by_slug)),
    )
    return report, found.upto


@contextmanager
def _kept_from_collector() -> Iterator[Callable[[], None]]:
    """Pause the garbage collector until what is yielded is called, and keep what is there then from it.

    It would go through a thousand runs again and again for nothing.
    """
    gc.disable()

    def go_on() -> None:
        gc.freeze()
        gc.enable()

    try:
        yield go_on
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def open_cards() -> Iterator[Cards | None]:
    """Yield what draws the cards of pages; None without the extra `cards`: then no page names one."""
    try:
        from panel.site.cards import card_printer  # noqa: PLC0415 - an extra
    except ImportError:
        yield None
        return
    with card_printer() as cards:
        yield cards


def site_folder(workspace: Workspace, out: Path | None = None) -> Path:
    """Return where the site is served from: `out`, else `public` in the workspace."""
    return workspace.public if out is None else out


def built_folder(workspace: Workspace, out: Path | None = None) -> Path:
    """Return the folder of the built site. Raises ConfigError where there is none."""
    folder = site_folder(workspace, out)
    if not (folder / "manifest.json").is_file():
        raise ConfigError(f"{folder}: no site is built here. Run `shipskip site build` first.")
    return folder


def identity_of(settings: Settings) -> Identity:
    """Return what the publication is called, where it stands, and where readers sign up."""
    mail = settings.digest.address
    sign_up = f"{mail}/digest/" if mail else None
    return Identity(settings.site.title, settings.site.base_url, sign_up)


def catalogue_of(workspace: Workspace, found: Published) -> Catalogue:
    """Return the catalogue of all that is published, with the workspace's settings."""
    settings = workspace.settings
    pairs: list[tuple[Run | None, Publication]] = [
        (one.public, one.publication) for one in found.approved
    ]
    pairs += [(_withdrawn_run(workspace, one), one) for one in found.withdrawn]
    tools = [
        PublishedTool(
            run, one, tuple(starmap(PublishedTool, found.earlier.get(one.subject.tool, ())))
        )
        for run, one in pairs
    ]
    return Catalogue(
        identity=identity_of(settings),
        published=tuple(tools),
        personas=workspace.persona_set.personas,
        prompts=workspace.persona_set.prompts,
        rules=settings.verdict,
        pairs=settings.site.pairs,
        pairs_a_tool=settings.site.pairs_a_tool,
        price_days=settings.site.price_days,
        months=settings.months,
        community=_community(workspace, found),
        audit=last_audit(workspace),
        predictions=resolved(workspace),
    )


def _community(workspace: Workspace, found: Published) -> Community | None:
    """Return the readers' votes, closed for what is withdrawn now; None without a votes service."""
    known = read_community(workspace)
    if known is None:
        return None
    gone = frozenset(one.subject.tool for one in found.withdrawn)
    return known.model_copy(update={"withdrawn": gone})


def _withdrawn_run(workspace: Workspace, one: Publication) -> Run | None:
    """Return the run of a withdrawn publication, if it is there: its category made addresses."""
    try:
        path = workspace.runs.find(one.subject.day, one.subject.run)
        return as_public(workspace.runs.read(path), one) if path else None
    except StoreError:
        return None


def _refuse_faults(found: Published) -> None:
    if not found.faults:
        return
    raise StoreError(
        "\n".join((*map(str, found.faults), "The site is as it was: nothing was built."))
    )


def serve_site(
    workspace: Workspace, out: Path | None, port: int, say: Callable[[str], None]
) -> None:
    """Serve the built site on this machine until it is interrupted; `say` is told the address.

    Raises ConfigError where there is no site, or the port is taken.
    """
    from panel.site.server import make_server  # noqa: PLC0415 - a build needs no server

    folder = built_folder(workspace, out)
    root = identity_of(workspace.settings).root
    try:
        server = make_server(folder, root, port)
    except OSError as error:
        raise ConfigError(
            f"port {port}: {error.strerror}. Choose another with --port, 0 for any that is free."
        ) from error
    with server:
        say(f"http://127.0.0.1:{server.server_port}{root} (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("")
