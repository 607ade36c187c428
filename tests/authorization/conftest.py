"""Those who ask, signed in once: each of ROLES in table.py; a member, an agency user, and a stranger."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from candidly.models import AgencyUser, Organization, Role, User
from tests.authorization.asking import AGENCY_USER, MEMBER, STRANGER, Place, Visitor, session_of
from tests.authorization.world import applicant, build
from tests.conftest import join


@pytest.fixture(scope="module")
def visitors(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Visitor]]:
    """In the order of ROLES. Built once: nothing that a test does to it lasts."""
    with django_db_blocker.unblock(), transaction.atomic():
        northlane = Organization.objects.create(name="Northlane Care", slug="northlane")
        harbour = Organization.objects.create(name="Harbour Logistics", slug="harbour")
        hannah, priya = join(northlane, "Hannah", Role.RECRUITER), join(northlane, "Priya", Role.RECRUITER)
        marcus, sofia = join(northlane, "Marcus", Role.HIRING_MANAGER), join(northlane, "Sofia", Role.SUPER_ADMIN)
        ruth, omar = join(northlane, "Ruth", Role.READ_ONLY), join(harbour, "Omar", Role.RECRUITER)
        own = build(applicant(northlane, "Amara", team=[marcus]), hannah, priya)
        other_teams = build(applicant(northlane, "Kwame", team=[]), hannah, priya)
        others = (omar, own), (ruth, own), (marcus, own), (marcus, other_teams), (hannah, own), (sofia, own)
        yield [("", own), *((session_of(member.user), world) for member, world in others)]
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def browser() -> Client:
    return Client()


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Place]:
    """Built once: nothing that a test does to it lasts."""
    with django_db_blocker.unblock(), transaction.atomic():
        northlane = Organization.objects.create(name="Northlane Care", slug="northlane")
        hannah, priya = join(northlane, "Hannah", Role.RECRUITER), join(northlane, "Priya", Role.RECRUITER)
        sofia, marcus = join(northlane, "Sofia", Role.SUPER_ADMIN), join(northlane, "Marcus", Role.HIRING_MANAGER)
        world = build(applicant(northlane, "Amara", team=[marcus]), hannah, priya)
        submitter = AgencyUser.objects.select_related("user").get(**world.kwargs("agency user"))
        stranger = User.objects.create_user("stranger@mail.example", "Stranger", "correct horse battery")
        users = {AGENCY_USER: submitter.user, MEMBER: sofia.user, STRANGER: stranger, "nobody": None}
        yield Place(world, {who: session_of(user) for who, user in users.items()})
        transaction.set_rollback(True)
