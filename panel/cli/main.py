"""The command `shipskip` and its exit codes."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from panel.cli.audit import audit
from panel.cli.batch import batch
from panel.cli.compare import compare
from panel.cli.cost import cost
from panel.cli.decisions import COMMANDS as DECISIONS
from panel.cli.desk import desk
from panel.cli.digest import digest
from panel.cli.doctor import doctor
from panel.cli.feeds import feeds
from panel.cli.gc import collect_no_more, collect_rarely
from panel.cli.held import held
from panel.cli.init import init
from panel.cli.journal import journal
from panel.cli.log import INTERRUPTED
from panel.cli.mcp import mcp
from panel.cli.output import discard, say
from panel.cli.personas import personas
from panel.cli.predictions import predictions
from panel.cli.reconvene import reconvene
from panel.cli.replay import replay
from panel.cli.review import review
from panel.cli.runs import runs
from panel.cli.runs_prune import prune
from panel.cli.site import site
from panel.cli.votes import votes
from panel.cli.watch import watch
from panel.cli.worker import worker
from panel.errors import ExitCode, PanelError, StoreError


class _Commands(click.Group):
    """The commands; an output that cannot be written is a known fault."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - an exit code, or what click returns
        """Run the command. Raises StoreError where the output cannot be written."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            discard(sys.stdout)
            return 0
        except OSError as error:
            discard(sys.stdout)
            raise StoreError(
                f"{error.filename or 'standard output'}: {error.strerror}. What was answered is "
                "kept; run the same command again when it can be written."
            ) from error


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96}
)
@click.version_option(package_name="shipskip", prog_name="shipskip")
def cli() -> None:
    """Put a new AI tool before a panel of AI reviewers: ship or skip.

    \b
    Exit codes:
      0  done                              5  stopped at the cost cap
      1  a bug                             6  replay or journal differs
      2  usage, settings or files          7  a gate refused
      3  finished, some failed             8  waiting for answers
      4  nothing could be evaluated       75  busy, try again
                                         130  interrupted, can be resumed
    """  # noqa: D301 - \b is click's mark for a block that is not rewrapped


for command in (
    review,
    compare,
    batch,
    feeds,
    held,
    *DECISIONS,
    reconvene,
    desk,
    journal,
    replay,
    runs,
    personas,
    cost,
    doctor,
    init,
    site,
    worker,
    votes,
    mcp,
    audit,
    predictions,
    watch,
    digest,
):
    cli.add_command(command)
runs.add_command(prune)


def main() -> NoReturn:
    """Run the command of this process and leave with its exit code."""
    collect_rarely()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    code = run(sys.argv[1:])
    collect_no_more()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Return the exit code of a command; a known fault is one line on standard error."""
    try:
        code = cli.main(list(arguments), prog_name="shipskip", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        _say(f"{_stopped(error.format_message())}{_see_help(error)}")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say(INTERRUPTED)
        return ExitCode.INTERRUPTED
    except PanelError as error:
        _say(str(error))
        return error.exit_code
    return code if isinstance(code, int) else 0


def _say(message: str) -> None:
    from panel.publish.cells import plain

    for line in message.splitlines():
        say(f"shipskip: {plain(line)}")


def _stopped(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."


def _see_help(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f" See `{context.command_path} --help`." if context else ""


if __name__ == "__main__":
    main()
