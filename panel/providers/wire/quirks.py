"""What a model server takes of a request: the columns of its row in `services.yaml`."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from panel.domain.value import Value

AnswerFormat = Literal["json_schema", "json_object", "none"]
LimitField = Literal["max_tokens", "max_completion_tokens"]


class Quirks(Value):
    """What a server takes, and in which form.

    `limit_field` is the chat completions API's name for the limit of the answer. `answer_format` is
    how the form of the answer is asked for; where it is no schema, or one that the server does not
    enforce, the schema stands in the prompt. `joins_parts`: a message is one text, not a list of
    parts. `describes` has the keywords of a schema that are words
    in descriptions, `leaves_out` fields that are not sent, `extra_body` those that are sent besides.
    """

    limit_field: LimitField = "max_tokens"
    answer_format: AnswerFormat = "json_schema"
    enforces_schema: bool = True
    joins_parts: bool = False
    describes: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    extra_body: dict[str, Any] = Field(default_factory=dict)

    @property
    def puts_schema_in_prompt(self) -> bool:
        """Whether a model could not know the form of the answer but by the prompt."""
        return self.answer_format != "json_schema" or not self.enforces_schema

    def fields(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of `settings` that are set and taken, and what is sent besides."""
        kept = {
            name: value
            for name, value in settings.items()
            if value is not None and name not in self.leaves_out
        }
        return {**kept, **self.extra_body}
