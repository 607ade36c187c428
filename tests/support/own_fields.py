"""Fields of an organization's own, as an import leaves them behind."""

from candidly.models import CustomField, Person


def have(person: Person, **values: str) -> None:
    """From now on the person has these, and the organization knows them."""
    person.custom_fields = values
    person.save(update_fields=["custom_fields"])
    for key in values:
        CustomField.objects.get_or_create(organization=person.organization, key=key)
