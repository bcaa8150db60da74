"""`shipskip reconvene`: the panel of a run once more, on the facts as editors corrected them."""

from pathlib import Path

import click

from panel.cli.options import answered_by_option, json_option, root_option


@click.command(short_help="The panel of a run once more, on the facts as they were corrected.")
@click.argument("run")
@answered_by_option
@json_option
@root_option
def reconvene(*, run: str, answered_by: str | None, as_json: bool, root: Path | None) -> int:
    """Put the tool of RUN before its reviewers again, with the facts as editors corrected them.

    All of them are asked, and what they say is a new run; the old one stays as it was recorded. RUN is
    a run's folder, its id, or a tool's slug (its newest run).
    """
    from panel.app.corrected_panel import begin_corrected
    from panel.app.decisions import publication
    from panel.app.event_loop import run_async
    from panel.app.panels import BY_HAND, ReviewOptions
    from panel.app.publish import convene_begun
    from panel.app.workspace import Workspace
    from panel.cli.output import print_json
    from panel.cli.run_summary import print_review

    workspace = Workspace.open(root, own=True)
    runner, begun = begin_corrected(workspace, publication(workspace, run))
    options = ReviewOptions(answered_by=answered_by or BY_HAND)
    reviewed = run_async(lambda: convene_begun(workspace, runner, begun, options))
    if as_json:
        print_json(reviewed.document)
    else:
        print_review(reviewed)
    return reviewed.exit_code
