"""Addresses as readers type them: checked without a network, and in one form."""

from typing import Final

from email_validator import EmailNotValidError, validate_email

LONGEST: Final = 254


def read_address(text: str) -> str | None:
    """Return an address in the form that mails go to; None where it is none.

    A domain in letters of other alphabets comes back as it is looked up (`xn--...`), and its case does
    not count. The part before the `@` stays as it was typed, a plus and what follows it too. A line
    break, a second address, or a letter outside ASCII before the `@` is no address.

    `read_address("mira+week@Bücher.example")` is `"mira+week@xn--bcher-kva.example"`.
    """
    typed = text.strip(" ")
    if len(typed) > LONGEST or not typed.isprintable():
        return None
    try:
        found = validate_email(
            typed,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_display_name=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            test_environment=True,  # names like x.test are for a network of one's own
        )
    except EmailNotValidError:
        return None
    return found.ascii_email
