"""The named cast, and the ground that every test stands on."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client, override_settings

from candidly.actions import people, submitting
from candidly.models import Agency, AgencyUser, Application, Member, Opening, Organization, Person, Role, User
from tests.support.environment import WORKER

# How long one example takes says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile("candidly", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("candidly")

PASSWORD = "correct horse battery"


class QuickHasher(Argon2PasswordHasher):
    """Argon2 with little work, so that a real process can check what a test has set."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=[f"{QuickHasher.__module__}.{QuickHasher.__qualname__}"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_when_asked_for() -> Iterator[None]:
    """Each test client makes the middleware anew, and with it WhiteNoise would look at every file there is."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """SQLite: the very file that a process with this CANDIDLY_DATA_DIR opens, so that tests may start real ones."""
    on_file = connection.vendor == "sqlite"
    test = connection.settings_dict["TEST"]
    test["NAME"] = str(settings.CONFIG.sqlite_path) if on_file else f"candidly_{WORKER or 'test'}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """An ended thread leaves its connection to be collected, and PostgreSQL drops no database that is in use."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def environment(django_db_setup: None) -> dict[str, str]:
    """For a subprocess that is to work on this test's database; what it should see needs `transactional_db`."""
    variables = dict(os.environ)
    if connection.vendor == "postgresql":
        given = os.environ["CANDIDLY_DATABASE_URL"]
        variables["CANDIDLY_DATABASE_URL"] = given.replace("/postgres?", f"/{connection.settings_dict['NAME']}?")
    return variables


@pytest.fixture
def data_dir() -> Path:
    """The folder of this process's CANDIDLY_DATA_DIR."""
    return Path(settings.CONFIG.data_dir)


@pytest.fixture
def client_of() -> Callable[[Member | AgencyUser], Client]:
    """A browser without scripts in which the member, or agency user, is signed in."""

    def sign_in(who: Member | AgencyUser) -> Client:
        client = Client()
        client.force_login(who.user)
        return client

    return sign_in


@pytest.fixture
def northlane(db: None) -> Organization:
    return Organization.objects.create(name="Northlane Care", slug="northlane")


@pytest.fixture
def harbour(db: None) -> Organization:
    return Organization.objects.create(name="Harbour Logistics", slug="harbour")


def join(organization: Organization, name: str, role: Role) -> Member:
    """A member called `name`, with the address first-name@slug.example and the password PASSWORD.

    What they send leaves at once: it does not wait to be undone.
    """
    email = f"{name.partition(' ')[0].lower()}@{organization.slug}.example"
    user = User.objects.create_user(email, name, PASSWORD)
    return Member.objects.create(user=user, organization=organization, role=role, undo_seconds=0)


@pytest.fixture
def hannah(northlane: Organization) -> Member:
    """The recruiter."""
    return join(northlane, "Hannah Whitlock", Role.RECRUITER)


@pytest.fixture
def priya(northlane: Organization) -> Member:
    """Hannah's teammate."""
    return join(northlane, "Priya Nair", Role.RECRUITER)


@pytest.fixture
def marcus(northlane: Organization) -> Member:
    """The hiring manager of the opening `icu`."""
    return join(northlane, "Marcus Bell", Role.HIRING_MANAGER)


@pytest.fixture
def ruth(northlane: Organization) -> Member:
    """May read everything and write to nobody."""
    return join(northlane, "Ruth Adeyemi", Role.READ_ONLY)


@pytest.fixture
def sofia(northlane: Organization) -> Member:
    """The super admin."""
    return join(northlane, "Sofia Lindqvist", Role.SUPER_ADMIN)


@pytest.fixture
def omar(harbour: Organization) -> Member:
    """The recruiter of another organization."""
    return join(harbour, "Omar Haddad", Role.RECRUITER)


@pytest.fixture
def icu(northlane: Organization, marcus: Member) -> Opening:
    return people.add_opening(northlane, "Staff Nurse, ICU", "Leeds", team=[marcus])


@pytest.fixture
def nights(northlane: Organization) -> Opening:
    """Not one of Marcus's."""
    return people.add_opening(northlane, "Healthcare Assistant, Nights", "Bradford")


@pytest.fixture
def amara(northlane: Organization, icu: Opening) -> Person:
    """Applied to `icu`."""
    return people.add_candidate(
        northlane,
        first_name="Amara",
        last_name="Okafor",
        private_email="amara@mail.example",
        phone="+447700900101",
        location="Leeds",
        time_zone="Europe/London",
        opening=icu,
    )


@pytest.fixture
def kwame(northlane: Organization, nights: Opening) -> Person:
    """Applied to `nights`, so Marcus may not see him."""
    return people.add_candidate(
        northlane,
        first_name="Kwame",
        last_name="Mensah",
        private_email="kwame@mail.example",
        location="Bradford",
        opening=nights,
    )


@pytest.fixture
def amaras_application(amara: Person) -> Application:
    return amara.applications.get()


@pytest.fixture
def leila(harbour: Organization) -> Person:
    """Omar's candidate: nobody at Northlane may see her."""
    return people.add_candidate(
        harbour, first_name="Leila", last_name="Farouk", private_email="leila@mail.example", location="Hull"
    )


def work_for(agency: Agency, name: str, email: str, invited_by: Member | None = None) -> AgencyUser:
    """An agency user called `name`, with the password PASSWORD."""
    user = User.objects.create_user(email, name, PASSWORD)
    return AgencyUser.objects.create(user=user, agency=agency, invited_by=invited_by)


@pytest.fixture
def meridian(northlane: Organization) -> Agency:
    """An agency of Northlane's, whose people do not see each other's candidates."""
    return Agency.objects.create(organization=northlane, name="Meridian Locums")


@pytest.fixture
def declan(meridian: Agency) -> AgencyUser:
    """Of Meridian."""
    return work_for(meridian, "Declan Farrell", "declan@meridian.example")


@pytest.fixture
def bridget(meridian: Agency) -> AgencyUser:
    """Declan's colleague."""
    return work_for(meridian, "Bridget Shaw", "bridget@meridian.example")


@pytest.fixture
def kestrel(northlane: Organization) -> Agency:
    """Another agency of Northlane's."""
    return Agency.objects.create(organization=northlane, name="Kestrel Staffing")


@pytest.fixture
def tomos(kestrel: Agency) -> AgencyUser:
    """Of Kestrel."""
    return work_for(kestrel, "Tomos Rees", "tomos@kestrel.example")


@pytest.fixture
def esra(declan: AgencyUser, icu: Opening) -> Person:
    """Submitted by Declan for `icu`, so that Marcus may see her; nobody owns her stage."""
    return submitting.submit(
        declan, icu, email="esra@mail.example", first_name="Esra", last_name="Vural", location="Leeds"
    ).person


@pytest.fixture
def callum(declan: AgencyUser, nights: Opening, hannah: Member) -> Person:
    """Submitted by Declan for `nights`, which Marcus may not see; Hannah owns the stage."""
    application = submitting.submit(
        declan, nights, email="callum@mail.example", first_name="Callum", last_name="Byrne", location="Bradford"
    )
    application.stage_owner = hannah
    application.save(update_fields=["stage_owner"])
    return application.person
