"""What was written about earlier applications, and to whom an application is declined."""

#: Whose (by their place among the candidates), opening, days ago, who led it, subject, and what was said in turn.
BEFORE = (
    (
        0, 10, 560, "priya", "Bank Nurse, HDU",
        (
            "Dear Amara,\n\nthank you for coming to Harrogate. The bank is full until summer, so we cannot offer you "
            "shifts now. Please apply again.\n\nPriya",
            "Thank you for letting me know, Priya. I will.\n\nAmara",
        ),
    ),
    (
        0, 11, 1020, "hannah", "Staff Nurse, A&E",
        (
            "Dear Amara,\n\nwould you like to see the department in York before you decide?\n\nHannah",
            "I have decided to stay in Newcastle for another year, but thank you.\n\nAmara",
        ),
    ),
    (
        1, 9, 1300, "priya", "Porter, Days",
        (
            "Dear Kwame,\n\nthe position in Leeds was filled yesterday. May we keep your details?\n\nPriya",
            "Yes please.\n\nKwame",
        ),
    ),
)  # fmt: skip
CLOSED = (
    "Dear {first},\n\nthank you for the time you gave us. We have offered the post to somebody with more experience on "
    "the unit. We would like to hear from you when the next one opens.\n\nHannah"
)
THANKS = "Thank you for telling me so quickly. May I ask what I could do better next time?"
