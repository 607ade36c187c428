"""Agencies come in, their people accept or do not, and their access ends."""

from datetime import timedelta

import pytest

from candidly.actions import agencies, people, submitting
from candidly.actions.errors import Refused
from candidly.envelope import File
from candidly.models import (
    Agency,
    AgencyInvitation,
    AgencyUser,
    AuditEvent,
    Member,
    Notice,
    Opening,
    Person,
    clock,
)
from candidly.rules import agency_access
from candidly.rules.submissions import submissions

EASY_TO_KEEP = "eleven quiet lanterns"


def invited(by: Member, agency: Agency, email: str = "nora@meridian.example") -> tuple[AgencyInvitation, str]:
    """The invitation, and the token of the link that was mailed."""
    invitation = agencies.invite(by, agency, email=email, name="Nora Quinn")
    link = Notice.objects.filter(to_address=email).latest("pk").text.partition("/agency/join/")[2]
    return invitation, link.partition("/")[0]


def test_an_agency_is_added_renamed_and_closed_by_a_recruiter_and_all_is_in_the_audit_log(hannah: Member) -> None:
    agency = agencies.add(hannah, "  Meridian   Locums ")
    agencies.rename(hannah, agency, "Meridian Healthcare")
    agencies.let_colleagues_see(hannah, agency, allowed=True)
    agencies.close(hannah, agency)
    agencies.close(hannah, agency)
    agency.refresh_from_db()
    assert (agency.name, agency.colleagues_see_each_other) == ("Meridian Healthcare", True)
    assert agency.closed_at is not None
    verbs = ["agency.added", "agency.renamed", "agency.colleagues_on", "agency.closed"]
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == verbs


def test_two_agencies_of_one_organization_have_different_names(hannah: Member, omar: Member) -> None:
    agencies.add(hannah, "Meridian Locums")
    with pytest.raises(Refused, match="Meridian LOCUMS already"):
        agencies.add(hannah, "Meridian LOCUMS")
    assert agencies.add(omar, "Meridian Locums").organization == omar.organization


def test_who_neither_recruits_nor_administers_keeps_no_agencies(marcus: Member, ruth: Member, meridian: Agency) -> None:
    for member in (marcus, ruth):
        with pytest.raises(Refused, match="recruiters and super admins"):
            agencies.invite(member, meridian, email="nora@meridian.example", name="Nora Quinn")
        assert not agency_access.agencies_for(member).exists()


def test_an_invitation_is_accepted_once(sofia: Member, meridian: Agency) -> None:
    _, token = invited(sofia, meridian)
    found = agency_access.invitation(token)
    assert found is not None
    nora = agencies.accept(found, name="Nora Quinn", password=EASY_TO_KEEP)
    assert nora.user.check_password(EASY_TO_KEEP)
    assert agency_access.agency_user_of(nora.user_id) == nora
    assert agency_access.invitation(token) is None
    with pytest.raises(Refused, match="used or withdrawn"):
        agencies.accept(found, name="Nora Quinn", password=EASY_TO_KEEP)
    assert AgencyUser.objects.count() == 1


def test_the_database_does_not_hold_what_opens_an_invitation(hannah: Member, meridian: Agency) -> None:
    invitation, token = invited(hannah, meridian)
    assert token
    assert token not in invitation.token_hash


def test_an_invitation_that_ran_out_was_withdrawn_or_followed_by_another_opens_nothing(
    hannah: Member, meridian: Agency
) -> None:
    _, first = invited(hannah, meridian)
    second, newer = invited(hannah, meridian)
    assert agency_access.invitation(first) is None
    assert agency_access.invitation(newer) == second
    AgencyInvitation.objects.filter(pk=second.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    assert agency_access.invitation(newer) is None
    with pytest.raises(Refused, match="used or withdrawn"):
        agencies.accept(second, name="Nora Quinn", password=EASY_TO_KEEP)
    third, newest = invited(hannah, meridian)
    agencies.withdraw(hannah, third)
    assert agency_access.invitation(newest) is None
    with pytest.raises(Refused, match="accepted already"):
        agencies.withdraw(hannah, third)


def test_an_easy_password_is_refused_and_the_link_still_works(hannah: Member, meridian: Agency) -> None:
    invitation, token = invited(hannah, meridian)
    with pytest.raises(Refused) as refused:
        agencies.accept(invitation, name="Nora Quinn", password="12345678")
    assert refused.value.field == "password"
    assert agency_access.invitation(token) == invitation


def test_who_has_an_account_already_is_not_invited(hannah: Member, priya: Member, meridian: Agency) -> None:
    with pytest.raises(Refused, match="exists already"):
        agencies.invite(hannah, meridian, email=priya.email.upper(), name="Priya Nair")


def test_access_ends_for_one_user_or_for_all_of_a_closed_agency(
    hannah: Member, meridian: Agency, declan: AgencyUser, bridget: AgencyUser
) -> None:
    _, token = invited(hannah, meridian)
    agencies.deactivate(hannah, declan)
    assert agency_access.agency_user_of(declan.user_id) is None
    agencies.close(hannah, meridian)
    assert agency_access.agency_user_of(bridget.user_id) is None
    assert agency_access.invitation(token) is None
    agencies.reopen(hannah, meridian)
    assert agency_access.agency_user_of(bridget.user_id) == bridget
    assert agency_access.agency_user_of(declan.user_id) is None
    agencies.reactivate(hannah, declan)
    assert agency_access.agency_user_of(declan.user_id) == declan


def test_a_submitted_candidate_applies_with_the_cv_and_the_agency_as_source(declan: AgencyUser, icu: Opening) -> None:
    cv = File("cv.pdf", "application/pdf", b"%PDF-1.7 cv")
    application = submitting.submit(
        declan, icu, email="esra@mail.example", cv=cv, first_name="Esra", last_name="Vural", phone="+447700900111"
    )
    application.refresh_from_db()
    assert (application.submitted_by, application.opening) == (declan, icu)
    assert application.person.source == "Meridian Locums"
    assert application.attachments.get().file.read() == b"%PDF-1.7 cv"
    event = AuditEvent.objects.get(verb="agency.submitted")
    assert (event.member, event.member_name) == (None, "Declan Farrell, Meridian Locums")


def test_submitting_twice_is_one_application_and_another_opening_is_another(
    declan: AgencyUser, icu: Opening, nights: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = submitting.submit(declan, icu, email="esra@mail.example", first_name="Esra")
    assert submitting.submit(declan, icu, email="ESRA@mail.example", first_name="Esra") == first
    other = submitting.submit(declan, nights, email="esra@mail.example", first_name="Esra")
    assert other.person == first.person
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Refused, match="already"):
        submitting.submit(declan, icu, email="esra@mail.example", first_name="Esra")
    assert Person.objects.count() == 1


def test_nobody_learns_by_submitting_that_a_candidate_is_known(
    tomos: AgencyUser, icu: Opening, amara: Person, esra: Person
) -> None:
    for known in (amara, esra):
        submitted = submitting.submit(tomos, icu, email=known.private_email, first_name="Somebody")
        assert submitted.person != known
    assert set(agency_access.candidates_of(tomos).values_list("first_name", flat=True)) == {"Somebody"}


def test_what_cannot_be_submitted_is_refused_in_words_at_its_field(declan: AgencyUser, icu: Opening) -> None:
    for field, email, name in (("email", "esra", "Esra"), ("first_name", "esra@mail.example", " ")):
        with pytest.raises(Refused) as refused:
            submitting.submit(declan, icu, email=email, first_name=name)
        assert refused.value.field == field
    Opening.objects.filter(pk=icu.pk).update(is_open=False)
    with pytest.raises(Refused) as refused:
        submitting.submit(declan, icu, email="esra@mail.example", first_name="Esra")
    assert refused.value.field == "opening"
    assert not Person.objects.filter(first_name="Esra").exists()


def test_colleagues_see_each_others_candidates_only_where_the_organization_allows_it(
    hannah: Member, meridian: Agency, declan: AgencyUser, bridget: AgencyUser, tomos: AgencyUser, esra: Person
) -> None:
    def seers() -> set[AgencyUser]:
        return {
            one
            for one in AgencyUser.objects.select_related("agency")
            if esra in agency_access.candidates_of(one)
        }  # fmt: skip

    assert seers() == set(agency_access.agency_users_of(esra)) == {declan}
    agencies.let_colleagues_see(hannah, meridian, allowed=True)
    assert seers() == set(agency_access.agency_users_of(esra)) == {declan, bridget}


def test_submissions_are_searched_by_name_and_opening_and_by_nothing_that_members_alone_know(
    declan: AgencyUser, icu: Opening, nights: Opening, esra: Person, callum: Person
) -> None:
    def found(query: str) -> list[str]:
        return [one.person.first_name for one in submissions(declan, query).order_by("pk")]

    people.update_person(esra, first_name="Ésra", location="Hull")
    people.set_tags(esra, ["difficult"])
    people.refresh_search(esra)
    assert found("ESRA vur") == ["Ésra"]
    assert found("leeds") == found("nurse, icu vural") == ["Ésra"]
    assert found("bradford") == ["Callum"]
    for unknown in ("difficult", "mail.example", "nurse callum", "%"):
        assert found(unknown) == []
    assert found("") == ["Ésra", "Callum"]
