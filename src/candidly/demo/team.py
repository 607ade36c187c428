"""The organization, its five members, and the openings that they fill."""

from dataclasses import dataclass

from candidly.actions import organizations, people
from candidly.config import config
from candidly.models import Member, Opening, Organization, Role, User

DOMAIN = "northlane.example"
PASSWORD = "seven bright lamps"  # noqa: S105 - printed for everybody who tries the demo
HANNAH = f"hannah@{DOMAIN}"

COLLEAGUES = (
    ("Hannah Whitlock", Role.RECRUITER, "Hannah Whitlock\nRecruitment, Northlane Care\n0113 496 0142"),
    ("Priya Nair", Role.RECRUITER, "Priya Nair\nRecruitment, Northlane Care"),
    ("Marcus Bell", Role.HIRING_MANAGER, "Marcus Bell\nWard manager, ICU"),
    ("Ruth Adeyemi", Role.READ_ONLY, ""),
)
#: Title, place, and how many of a hundred candidates apply there.
OPENINGS = (
    ("Staff Nurse, ICU", "Leeds", 26),
    ("Healthcare Assistant, Nights", "Bradford", 18),
    ("Theatre Nurse", "Manchester", 12),
    ("Radiographer", "Hull", 6),
    ("Senior Physiotherapist", "York", 6),
    ("Software Engineer, Rostering", "Remote UK", 5),
    ("Pharmacy Technician", "Sheffield", 6),
    ("Ward Clerk", "Leeds", 6),
    ("Facilities Manager", "Leeds", 3),
    ("Porter, Days", "Leeds", 4),
    ("Bank Nurse, HDU", "Harrogate", 4),
    ("Staff Nurse, A&E", "York", 4),
)


@dataclass(frozen=True)
class Team:
    organization: Organization
    hannah: Member
    priya: Member
    marcus: Member
    openings: tuple[Opening, ...]

    def owner_of(self, opening: Opening, turn: int) -> Member:
        """Who coordinates: Marcus now and then for his own ward, else Hannah and, every third time, Priya."""
        if opening == self.openings[0] and turn % 4 == 0:
            return self.marcus
        return self.priya if turn % 3 == 0 else self.hannah


def found() -> Team:
    """Sofia founds the organization and invites the others, who choose their passwords."""
    sofia = organizations.found("Northlane Care", "Sofia Lindqvist", f"sofia@{DOMAIN}", PASSWORD)
    members = {name: _join(sofia, name, role, signature) for name, role, signature in COLLEAGUES}
    marcus = members["Marcus Bell"]
    openings = tuple(
        people.add_opening(sofia.organization, title, place, team=[marcus] if title == OPENINGS[0][0] else [])
        for title, place, _ in OPENINGS
    )
    return Team(sofia.organization, members["Hannah Whitlock"], members["Priya Nair"], marcus, openings)


def _join(admin: Member, name: str, role: Role, signature: str) -> Member:
    email = f"{name.partition(' ')[0].lower()}@{DOMAIN}"
    member = organizations.invite(admin, email, name, role, _sign_in_page)
    member.user.set_password(PASSWORD)
    member.user.save(update_fields=["password"])
    organizations.update_profile(member, name=name, signature=signature)
    return member


def _sign_in_page(user: User) -> str:
    return f"{config().base_url}/"
