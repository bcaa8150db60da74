"""Who gets the weekly mail: the list of a workspace, and addresses in the form that it has."""

from contextlib import closing
from typing import Final

from panel.app.workspace import Workspace
from panel.digest.addresses import read_address
from panel.errors import ConfigError
from panel.store.sql.subscribers import SubscriberStore

DATABASE: Final = "subscribers.db"


def open_subscribers(workspace: Workspace) -> closing[SubscriberStore]:
    """Return the subscribers, to be closed: in the database of the settings, else in `subscribers.db`.

    Raises ConfigError, StoreError and Busy.
    """
    return closing(
        SubscriberStore.open(workspace.settings.database_url or workspace.root / DATABASE)
    )


def address_of(text: str) -> str:
    """Return an address in the form that is stored. Raises ConfigError."""
    found = read_address(text)
    if found is None:
        raise ConfigError(f"{text!r} is no mail address. Write one like mira@example.org.")
    return found
