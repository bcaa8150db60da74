"""The sign-up service, alone or beside the votes in one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from panel.cli.output import say
from panel.errors import ConfigError, MailError

if TYPE_CHECKING:
    from panel.app.workspace import Workspace
    from panel.signup.service import SignUpService
    from panel.votes.service import VoteService
    from panel.web.combined_service import Application


@contextmanager
def open_sign_up(workspace: "Workspace") -> "Iterator[SignUpService]":
    """Yield the sign-up service of a workspace. Raises ConfigError, StoreError and Busy."""
    try:
        from panel.app.mail_server import envelope_now, send_confirmation
        from panel.app.subscribers import open_subscribers
        from panel.signup.service import SignUpService
    except ImportError as error:
        raise ConfigError(
            "The sign-up needs more packages: pip install 'shipskip[desk,digest]'"
        ) from error
    envelope_now(workspace)  # says which setting is missing, before a reader finds out

    def send(address: str, token: str) -> None:
        try:
            send_confirmation(workspace, address, token)
        except MailError as error:  # the reader is told to come back; this line is the operator's
            why = str(error).replace(address, "ADDRESS")
            say(f"sign-up: no confirmation could be sent, so nobody was signed up. {why}")
            raise

    with open_subscribers(workspace) as store:
        yield SignUpService(
            store,
            workspace.settings.digest,
            send=send,
            site=workspace.settings.site.base_url,
            publication=workspace.settings.site.title,
            clock=workspace.clock,
        )


@contextmanager
def beside_votes(workspace: "Workspace", votes: "VoteService") -> "Iterator[Application]":
    """Yield the votes service, with the sign-up below `/digest` where the settings have one."""
    if workspace.settings.digest.address is None:
        yield votes.app()
        return
    with open_sign_up(workspace) as sign_up:  # it tells of missing packages
        from panel.signup.service import PREFIX
        from panel.web.combined_service import CombinedService

        lifespans = (votes.lifespan, sign_up.lifespan)
        yield CombinedService(PREFIX, sign_up.app(), votes.app(), lifespans)
