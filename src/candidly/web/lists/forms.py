"""A file with people in it, and what its columns hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from candidly.models import PeopleImport
from candidly.rules.list_columns import choices


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="What is in it", choices=PeopleImport.Kind)
    file = forms.FileField(label="File", help_text="CSV or XLSX, up to 50 MB and 200,000 rows.", allow_empty_file=True)


@dataclass(frozen=True)
class ColumnChoice:
    """One column of the file: `field` is what it is taken for, `options` what it may be."""

    place: int
    heading: str
    field: str
    options: Sequence[tuple[str, str]]

    @property
    def name(self) -> str:
        return f"column_{self.place}"


def columns_of(found: PeopleImport) -> list[ColumnChoice]:
    """Those of the file, in their order; none before a worker has opened it."""
    fields: Mapping[str, int] = found.columns.get("fields", {})
    taken_for = {place: field for field, place in fields.items()}
    return [
        ColumnChoice(place, heading, taken_for.get(place, ""), choices(found.kind, heading))
        for place, heading in enumerate(found.columns.get("heading", ()))
    ]


def fields_in(found: PeopleImport, posted: QueryDict) -> dict[str, int]:
    """What the form says each column holds. ValueError, with a sentence, where two hold the same."""
    fields: dict[str, int] = {}
    for column in columns_of(found):
        field = posted.get(column.name, "")
        if not field:
            continue
        label = dict(column.options).get(field)
        if label is None:
            raise ValueError("One of the choices does not exist. Load the page again and choose once more.")
        if field in fields:
            raise ValueError(f"Two columns are to be {label}. Choose one, and “Do not import” for the other.")
        fields[field] = column.place
    return fields
