"""What Northlane Care and its candidates write to each other. `{…}` is filled in for each conversation."""

from dataclasses import dataclass

OUT, IN = "out", "in"


@dataclass(frozen=True)
class Script:
    """One thread: its subject, and who says what in turn."""

    subject: str
    turns: tuple[tuple[str, str], ...]


SCRIPTS = (
    Script(
        "Your application: {opening}",
        (
            (
                OUT,
                "Dear {first},\n\nThank you for applying. Your background looks like a close match for our team. "
                "Before we set up a conversation, could you send your current CV and a note of when your registration "
                "is due for renewal?\n\nBest wishes,\n{me}",
            ),
            (
                IN,
                "Hi {me},\n\nThank you for getting back so quickly. My revalidation is due in November. I have six "
                "years "
                "of experience, the last three on a mixed unit, and I would be free to start at the end of next month."
                "\n\nHappy to talk whenever suits, though I’m on nights until Sunday.\n\n{first}",
            ),
            (
                OUT,
                "Lovely, thank you {first}. Could you do Thursday at 10:00 or 14:30 for a first conversation?\n\n{me}",
            ),
            (
                IN,
                "Thursday at 10 works. I’ll come straight from the station. Is there anywhere I can leave a small bag?",
            ),
        ),
    ),
    Script(
        "Interview for {opening}",
        (
            (
                OUT,
                "Dear {first},\n\nWe would like to meet you. The interview takes about 45 minutes and you will see the "
                "place before you decide anything. Would Tuesday at 11:00 suit you?\n\nKind regards,\n{me}",
            ),
            (IN, "Confirmed, thank you. I’ll bring my passport and the care certificate.\n\n{first}"),
        ),
    ),
    Script(
        "References for {opening}",
        (
            (
                OUT,
                "Hello {first},\n\nTo go on we need two references who have worked with you in the last three years. "
                "A name, a role and an e-mail address are enough.\n\n{me}",
            ),
            (
                IN,
                "References: Dr Alder (a.alder@clinic.example) and Sister Joan Pike (j.pike@ward.example), both know "
                "that "
                "you will write.\n\nBest,\n{first}",
            ),
            (OUT, "Thank you, I have written to both. I’ll be in touch when they have answered.\n\n{me}"),
        ),
    ),
    Script(
        "Is the role open to part-time hours?",
        (
            (
                OUT,
                "Dear {first},\n\nYour application for {opening} has reached us, and we will read it this week. "
                "If there is anything that you would like to know meanwhile, just answer this mail.\n\n{me}",
            ),
            (
                IN,
                "Could you tell me whether the role is open to 30 hours a week? I look after my mother on Fridays."
                "\n\nKind regards\n{first} {last}",
            ),
            (
                OUT,
                "It is: 22.5, 30 or 37.5 hours, and Fridays off can be arranged. Shall we talk about it?\n\n{me}",
            ),
            (IN, "That is very good news. Yes please, any afternoon next week.\n\n{first}"),
        ),
    ),
    Script(
        "Travel to the {place} site",
        (
            (
                OUT,
                "Hi {first},\n\nLooking forward to seeing you on Monday. Please come to the main reception and ask for "
                "me.\n\n{me}",
            ),
            (IN, "Is there parking for night staff? The last bus from mine leaves at 21:10."),
            (
                OUT,
                "There is: the car park behind the Gledhow Wing is free after 19:00, and a shuttle meets the 21:10 bus."
                "\n\n{me}",
            ),
            (IN, "Perfect, thank you so much!"),
        ),
    ),
    Script(
        "Right-to-work check",
        (
            (
                OUT,
                "Dear {first},\n\nBefore your first day we have to see your passport, or your share code. You can show "
                "it to us on a short video call.\n\n{me}",
            ),
            (IN, "My share code is W8X 4KQ 2ZP. Does the call work on a phone?\n\n{first}"),
            (OUT, "It does. I’ll send you the link in a minute.\n\n{me}"),
        ),
    ),
    Script(
        "Your offer from Northlane Care",
        (
            (
                OUT,
                "Dear {first},\n\nIt was a pleasure to meet you, and everyone on the panel would like to work with "
                "you. "
                "You will find the terms below; take your time.\n\n37.5 hours a week, four nights in seven, top of the "
                "band, 33 days of leave.\n\n{me}",
            ),
            (IN, "Dear {me},\n\nI am so pleased. One question: can the Thursday night move to Friday in Ramadan?"),
            (OUT, "Of course. The ward manager has already put it on the rota.\n\n{me}"),
            (IN, "Then yes, I accept with joy. Thank you!\n\n{first}"),
        ),
    ),
    Script(
        "Keeping in touch",
        (
            (
                OUT,
                "Dear {first},\n\nWe have filled this vacancy, but two more open in spring. May we write to you then?"
                "\n\n{me}",
            ),
            (IN, "Yes please, keep me on your list. All the best to the team."),
        ),
    ),
    Script(
        "Your documents for {opening}",
        (
            (
                OUT,
                "Hello {first},\n\nWe are still missing your vaccination record and the certificate of your last "
                "training. A photo is fine.\n\n{me}",
            ),
        ),
    ),
    Script(
        "A word about {opening}",
        (
            (OUT, "Hi {first},\n\nAre you still looking? The team would like to meet you.\n\n{me}"),
            (
                IN,
                "Dear {me},\n\nI’ve accepted another position, but wanted to thank you for the kind process. "
                "I hope that our ways cross again.\n\n{first} {last}",
            ),
            (OUT, "Congratulations, {first}! The door stays open.\n\n{me}"),
        ),
    ),
    Script(
        "Second interview, {opening}",
        (
            (
                OUT,
                "Dear {first},\n\nThe panel liked you. For the second conversation you would meet the ward manager and "
                "walk a shift with us, two hours in all. Which day next week is good?\n\n{me}",
            ),
            (IN, "Running a little late with my rota, may I tell you on Wednesday?\n\n{first}"),
        ),
    ),
)

#: What a candidate may add before the first answer, in the language of their name.
GREETINGS = {
    "ga": "Dia duit,",
    "pl": "Dzień dobry,",
    "yo": "Ẹ káàárọ̀,",
    "ar": "السلام عليكم،",
    "hi": "नमस्ते,",
    "zh": "您好，",
    "el": "Καλημέρα σας,",
    "uk": "Добрий день!",
    "vi": "Xin chào,",
    "tr": "Merhaba,",
    "pt": "Bom dia,",
    "fr": "Bonjour,",
    "ko": "안녕하세요,",
    "is": "Góðan daginn,",
}

AWAY = (
    "I am out of the office until Monday and have no access to my mail. In urgent cases please call the "
    "ward.\n\n{first}"
)

#: Name, subject, body, formatted, by whom.
#: For contacts: name, subject, body.
CLIENT_TEMPLATE = (
    "Cover for next month",
    "Nurses for your wards next month",
    "Dear {{first_name|colleague}},\n\nWhich shifts will you need covered next month? A short answer by Friday "
    "is enough, and we send you names on Monday.\n\nBest wishes,\n{{sender_name}}",
)
TEMPLATES = (
    (
        "Application received",
        "Your application: {{opening_name}}",
        "Dear {{first_name|applicant}},\n\nThank you for applying for {{opening_name|our vacancy}} in "
        "{{opening_location|the north of England}}. We read every application ourselves, and you will hear from us "
        "within five working days.\n\nBest wishes,\n{{sender_name}}",
        False,
        "priya",
    ),
    (
        "Interview invitation, ward visit",
        "Visit our ward before your interview, {{first_name|and the team}}",
        "Dear {{first_name|applicant}},\n\nThank you for applying for {{opening_name|our vacancy}}. We are opening the "
        "unit on Saturday so you can meet the team and see the bays before you decide anything.\n\nAnswer this mail "
        "with a time between 10:00 and 13:00 that suits you.\n\nWarm regards,\n{{sender_name}}",
        False,
        "priya",
    ),
    (
        "Ward visit invitation",
        "Come and see the wards, {{first_name|and bring a friend}}",
        "<p>Dear {{first_name|applicant}},</p><p>We are opening our wards on <strong>Saturday, 10:00 to "
        "13:00</strong>. "
        "Meet the team in {{opening_location|Leeds}}, see the unit and ask anything:</p>"
        "<ul><li>the rota, and who writes it</li><li>training in your first year</li><li>parking, nursery, canteen</li>"
        "</ul><p>{{sender_name}}, {{organization_name}}</p>",
        True,
        "hannah",
    ),
    (
        "Keep in touch",
        "Spring vacancies at {{organization_name}}",
        "Dear {{first_name|friend}},\n\nTwo places open in spring, and we thought of you. If you would like to hear "
        "more, just answer this mail.\n\n{{sender_name}}",
        False,
        "hannah",
    ),
    (
        "Declined after interview",
        "Your interview for {{opening_name}}",
        "Dear {{first_name|applicant}},\n\nThank you for the time you gave us. We have chosen somebody whose "
        "experience "
        "is closer to this role, and it was not an easy choice. We would be glad to see you apply again.\n\n"
        "{{sender_name}}",
        False,
        "hannah",
    ),
    (
        "Offer letter cover",
        "Your offer from {{organization_name}}",
        "Dear {{first_name|colleague}},\n\nIt was a pleasure to meet you. Attached you will find the offer for "
        "{{opening_name}}; take your time, and ask me anything.\n\n{{sender_signature}}",
        False,
        "priya",
    ),
    (
        "Reference request",
        "Two references for {{opening_name}}",
        "Hello {{first_name|there}},\n\nTo go on we need two references who have worked with you in the last three "
        "years. A name, a role and an e-mail address are enough.\n\n{{sender_name}}",
        False,
        "priya",
    ),
    (
        "Documents missing",
        "Your documents for {{opening_name}}",
        "Hello {{first_name|there}},\n\nWe are still missing your vaccination record and the certificate of your last "
        "training. A photo is fine.\n\n{{sender_first_name}}",
        False,
        "hannah",
    ),
)

MAILING = (
    "Visit our wards before you decide, {{first_name|and bring a friend}}",
    "Dear {{first_name|applicant}},\n\nThank you for applying for {{opening_name|our vacancy}}. On Saturday we open "
    "the "
    "wards so you can meet the team before you decide anything. Just answer this mail if you would like to come.\n\n"
    "Warm regards,\n{{sender_name}}",
)
