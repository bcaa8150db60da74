"""The pages of the sign-up service, in the look of the site, without script."""

from pathlib import Path
from typing import Any, Final

from panel.app.settings import DigestSettings
from panel.digest.message import confirmation_subject
from panel.domain.mailing import KEPT_H, Subscriber
from panel.web.pages import page_style, page_templates

_HOME: Final = Path(__file__).parent / "templates"
_REFUSALS: Final = {
    "network": (
        "Not sent: too many from this network today",
        "Try again tomorrow. Nothing was stored.",
    ),
    "form": ("Not sent: no address in it", "Go back and fill in the form."),
    "mail": (
        "Not sent: the mail could not be handed over",
        "Nothing was stored. Look whether the address is right, and try again in a few minutes.",
    ),
    "database": (
        "Not done: the list cannot be reached",
        "Nothing was changed. Try again in a minute.",
    ),
}
_OTHER: Final = ("Nothing is here", "Go back to the page that you came from.")


class SignUpPages:
    """The templates, read once."""

    def __init__(self, settings: DigestSettings, *, site: str, publication: str) -> None:
        environment = page_templates(
            _HOME, style="/digest/style.css", site=site.rstrip("/"), publication=publication
        )
        environment.globals.update(
            categories=settings.categories,
            kept_h=KEPT_H,
            sender=settings.sender,
            subject=confirmation_subject(publication),
        )
        self._publication = publication
        self._form = environment.get_template("form.j2")
        self._check_mail = environment.get_template("check_mail.j2")
        self._press = environment.get_template("press.j2")
        self._done = environment.get_template("done.j2")
        self._refusal = environment.get_template("refusal.j2")
        self.style = page_style()

    def form(self, *, fault: bool = False) -> str:
        """Return the form; `fault` tells that what was given is no address."""
        return self._form.render(title=f"The week at {self._publication}, by mail", fault=fault)

    def check_mail(self, address: str, chosen: tuple[str, ...]) -> str:
        """Return the page after the form: nothing is done before the press in the mail."""
        return self._check_mail.render(title="Check your mail", address=address, chosen=chosen)

    def ask_to_confirm(self, token: str) -> str:
        """Return the button that confirms."""
        return self._button(
            "One press and you are on the list",
            "The weekly mail comes to the address that this link was sent to.",
            f"/digest/confirm?t={token}",
            "Put me on the list",
        )

    def ask_to_leave(self, token: str) -> str:
        """Return the button that leaves."""
        return self._button(
            "Leave the list",
            "No further mail comes after the press.",
            f"/digest/leave?t={token}",
            "Take me off the list",
        )

    def on_the_list(self, reader: Subscriber) -> str:
        """Return the page after the press that confirms."""
        about = ", ".join(reader.categories)
        what = (
            f"The verdicts in it are on {about}." if about else "It has all of the week's verdicts."
        )
        return self._note("You are on the list", f"The next mail comes to you. {what}")

    def off(self, token: str | None) -> str:
        """Return the page after leaving; with a token it has the button that takes the press back."""
        return self._done.render(
            title="You are off the list",
            text="No further mail comes to you.",
            action=f"/digest/return?t={token}" if token else None,
            label="That was a mistake: put me back",
        )

    def unknown(self) -> str:
        """Return the page for a link to leave of which no reader is known."""
        return self._note(
            "This link is not known",
            f"You left more than {KEPT_H} hours ago, or the link was cut off. Open it from the newest "
            "mail.",
        )

    def back(self) -> str:
        """Return the page of a reader who has come back."""
        return self._note("You are on the list again", "Nothing was lost.")

    def too_old(self) -> str:
        """Return the page for a token that is used, unknown, or older than 48 hours."""
        return self._note(
            "This link was used, or is too old",
            f"It works once, for {KEPT_H} hours. If you pressed its button before, it is done. Else "
            "sign up again.",
        )

    def refuse(self, why: str) -> str:
        """Return the page for a request that was not answered."""
        title, text = _REFUSALS.get(why, _OTHER)
        return self._refusal.render(title=title, text=text)

    def _button(self, title: str, text: str, action: str, label: str) -> str:
        given: dict[str, Any] = {"title": title, "text": text, "action": action, "label": label}
        return self._press.render(**given)

    def _note(self, title: str, text: str) -> str:
        return self._done.render(title=title, text=text, action=None, label="")
