"""The hands of a mailbox's owner, at Gmail itself: what a person does there, and sees."""

import base64
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx

#: One for all tests: making one costs more than any request.
HTTP = httpx.Client(timeout=20)


@dataclass(frozen=True)
class Hands:
    api_url: str
    token: str
    address: str

    def ask(self, method: str, path: str, **how: Any) -> Any:
        url, headers = f"{self.api_url}/gmail/v1/users/me/{path}", {"Authorization": f"Bearer {self.token}"}
        answer = HTTP.request(method, url, headers=headers, **how)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    # What they see

    def ids(self, label: str = "INBOX") -> list[str]:
        """Of the mails under a label, newest first."""
        found = self.ask("GET", "messages", params={"labelIds": label, "maxResults": 500})
        return [message["id"] for message in found.get("messages", [])]

    def mail(self, external_id: str) -> EmailMessage:
        raw = self.ask("GET", f"messages/{external_id}", params={"format": "raw"})["raw"]
        return message_from_bytes(base64.urlsafe_b64decode(raw + "=="), policy=policy.default)

    def mails(self, label: str = "INBOX") -> list[EmailMessage]:
        return [self.mail(external_id) for external_id in self.ids(label)]

    def thread_of(self, external_id: str) -> str:
        return str(self.ask("GET", f"messages/{external_id}", params={"format": "minimal"})["threadId"])

    def labels(self) -> dict[str, str]:
        """Ids by name."""
        return {label["name"]: label["id"] for label in self.ask("GET", "labels")["labels"]}

    # What they do

    def receive(self, raw: bytes, *labels: str, thread: str = "") -> str:
        """Somebody's mail arrives (or lay there for years: then it has its own date); returns Gmail's id."""
        body = {"raw": base64.urlsafe_b64encode(raw).decode(), "labelIds": list(labels or ("INBOX", "UNREAD"))}
        given = self.ask("POST", "messages/import", json=body | ({"threadId": thread} if thread else {}))
        return str(given["id"])

    def write(self, raw: bytes, thread: str = "") -> str:
        """They write a mail themselves, in Gmail."""
        body = {"raw": base64.urlsafe_b64encode(raw).decode()} | ({"threadId": thread} if thread else {})
        return str(self.ask("POST", "messages/send", json=body)["id"])

    def make_label(self, name: str) -> str:
        return str(self.ask("POST", "labels", json={"name": name})["id"])

    def rename_label(self, label: str, name: str) -> None:
        self.ask("PATCH", f"labels/{label}", json={"name": name})

    def delete_label(self, label: str) -> None:
        self.ask("DELETE", f"labels/{label}")

    def label_mail(self, external_id: str, *labels: str, remove: tuple[str, ...] = ()) -> None:
        self.ask(
            "POST",
            f"messages/{external_id}/modify",
            json={"addLabelIds": list(labels), "removeLabelIds": list(remove)},
        )

    def label_thread(self, thread: str, label: str) -> None:
        self.ask("POST", f"threads/{thread}/modify", json={"addLabelIds": [label]})

    def delete(self, external_id: str) -> None:
        self.ask("DELETE", f"messages/{external_id}")


def letter(
    sender: str, to: str, subject: str, text: str, date: str = "", file: tuple[str, str] | None = None, **fields: str
) -> bytes:
    """A mail as somebody's mail program writes it; a field such as `in_reply_to` stands for In-Reply-To. `file` is the
    name and text of one that comes with it."""
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=900))
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if date:
        mail["Date"] = date
    for name, value in fields.items():
        mail["-".join(word.capitalize() for word in name.split("_")).replace("-Id", "-ID")] = value
    mail.set_content(text)
    if file:
        mail.add_attachment(file[1], filename=file[0])
    return mail.as_bytes()
