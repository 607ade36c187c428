"""Subjects of answers."""


def reply_subject(subject: str) -> str:
    """`Re: …`, once."""
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
