"""What the exports of Meta's platforms (Instagram, Threads, Facebook) have in common.

- Damaged letters: each byte of a text's UTF-8 stands as a character of its own (`words.repaired`).
- Two dialects: ``string_map_data`` and ``string_list_data``, and since 2024 ``label_values``.
- Keys and labels follow the language of the account. They are told apart by the shape of their values
  where that is enough, else by the tables here; what stays open is left open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from courtship.platforms.words import repaired

# The words for each field in the languages whose exports are known or published by their users.
USERNAME: Final = frozenset(
    name.casefold()
    for name in (
        "Username",
        "Gebruikersnaam",
        "Benutzername",
        "Nombre de usuario",
        "Nom d’utilisateur",
        "Nom d'utilisateur",
        "Nome utente",
        "Nome de usuário",
        "Nome de utilizador",
        "Nazwa użytkownika",
        "Användarnamn",
        "Brugernavn",
        "Brukernavn",
        "Käyttäjätunnus",
        "Uživatelské jméno",
        "Felhasználónév",
        "Nume de utilizator",
        "Kullanıcı adı",
        "Имя пользователя",
        "ユーザーネーム",
        "用户名",
        "사용자 이름",
    )
)
NAME: Final = frozenset(
    name.casefold()
    for name in (
        "Name",
        "Naam",
        "Nombre",
        "Nom",
        "Nome",
        "Imię i nazwisko",
        "Namn",
        "Navn",
        "Nimi",
        "Jméno",
        "Név",
        "Nume",
        "Ad",
        "Имя",
        "名前",
        "姓名",
        "이름",
    )
)
COMMENT: Final = frozenset(
    name.casefold()
    for name in (
        "Comment",
        "Opmerking",
        "Reactie",
        "Kommentar",
        "Comentario",
        "Commentaire",
        "Commento",
        "Comentário",
        "Komentarz",
        "Kommentti",
        "Komentář",
        "Hozzászólás",
        "Comentariu",
        "Yorum",
        "Комментарий",
        "コメント",
        "评论",
        "댓글",
    )
)
OWNER: Final = frozenset(
    name.casefold()
    for name in (
        "Media Owner",
        "Owner",
        "Media-eigenaar",
        "Eigenaar van media",
        "Eigenaar",
        "Medieninhaber",
        "Inhaber",
        "Propietario del contenido multimedia",
        "Propietario",
        "Propriétaire du contenu multimédia",
        "Propriétaire",
        "Proprietario dei contenuti multimediali",
        "Proprietario",
        "Proprietário da mídia",
        "Proprietário",
    )
)
EMAIL: Final = frozenset(
    ("email", "e-mail", "e-mailadres", "e-mail-adresse", "correo electrónico", "adresse e-mail")
)
BIO: Final = frozenset(("bio", "biography", "biografie", "biografía", "biographie", "biografia"))

_HANDLE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.]{0,29}", re.ASCII)
_PROFILE: Final = re.compile(
    r"https?://(?:www\.)?(?:instagram\.com|threads\.(?:net|com))/(?:_u/|@)?([A-Za-z0-9_.]{1,30})/?(?:\?.*)?",
    re.ASCII,
)
_POST: Final = re.compile(
    r"https?://(?:www\.)?(?:instagram\.com|threads\.(?:net|com))/(?:@?([A-Za-z0-9_.]{1,30})/)?"
    r"(?:p|reel|reels|tv|post)/([\w-]+)",
    re.ASCII,
)
_NO_PROFILES: Final = frozenset(
    ("p", "reel", "reels", "tv", "stories", "explore", "accounts", "direct", "about")
)


def mended(value: Any) -> Any:
    """A JSON value with every string and key in it repaired. Repairing twice changes nothing more."""
    if isinstance(value, str):
        return value if value.isascii() else repaired(value)
    if isinstance(value, list):
        return [mended(one) for one in value]
    if isinstance(value, dict):
        return {
            key if key.isascii() else repaired(key): one
            if (kind := type(one)) is int or (kind is str and one.isascii())
            else mended(one)
            for key, one in value.items()
        }
    return value


def handle(value: Any) -> str:
    """A user name in small letters; ``""`` for what cannot be one (a name with blanks, say)."""
    text = value.strip().removeprefix("@") if isinstance(value, str) else ""
    return text.lower() if _HANDLE.fullmatch(text) else ""


def handle_at(address: Any) -> str:
    """The user name in a profile's address, ``""`` for any other address."""
    found = _PROFILE.fullmatch(address.strip()) if isinstance(address, str) else None
    return handle(found[1]) if found and found[1].lower() not in _NO_PROFILES else ""


def post_at(address: Any) -> tuple[str, str]:
    """The code of a post in its address, and its author's user name where the address holds it."""
    found = _POST.match(address.strip()) if isinstance(address, str) else None
    return (found[2], handle(found[1])) if found else ("", "")


class Label(NamedTuple):
    """One field of the label dialect: where it stands (the titles above it), its label and its values."""

    path: tuple[str, ...]
    label: str
    value: str
    href: str
    timestamp: Any


def labels(record: Mapping[str, Any]) -> list[Label]:
    """All fields of a record in the label dialect, those inside of others too."""
    found: list[Label] = []
    _labels(record.get("label_values"), (), 0, found)
    return found


def _labels(values: Any, path: tuple[str, ...], depth: int, found: list[Label]) -> None:
    if isinstance(values, dict):
        values = [values]
    if not isinstance(values, list) or depth > 8:
        return
    for one in values:
        if not isinstance(one, dict):
            continue
        name = _text(one.get("label")) or _text(one.get("title"))
        value, href = _text(one.get("value")), _text(one.get("href"))
        if value or href or "timestamp_value" in one:
            found.append(Label(path, name, value, href, one.get("timestamp_value")))
        for inner in ("dict", "vec"):
            if inner in one:
                _labels(one[inner], (*path, name) if name else path, depth + 1, found)


def labelled_owner(record: Mapping[str, Any]) -> str:
    """The user name of whoever owns what a labelled record is about, ``""`` where it does not say.

    By shape first (a profile's address), then by label, then by the author in the post's own address.
    """
    found = labels(record)
    for one in found:
        if who := handle_at(one.href) or handle_at(one.value):
            return who
    for one in found:
        if one.label.casefold() in USERNAME and (who := handle(one.value)):
            return who
    for one in found:
        if one.label.casefold() in OWNER and (who := handle(one.value)):
            return who
    return next((who for one in found for who in (post_at(one.href or one.value)[1],) if who), "")


def labelled_address(record: Mapping[str, Any]) -> str:
    """The address of the post that a labelled record is about."""
    for one in labels(record):
        for address in (one.href, one.value):
            if post_at(address)[0]:
                return address
    return ""


def labelled_text(record: Mapping[str, Any]) -> str:
    """The words in a labelled record, by their label; ``""`` where none is known to be them."""
    return next((one.value for one in labels(record) if one.label.casefold() in COMMENT), "")


def field(record: Mapping[str, Any], names: frozenset[str]) -> str:
    """The value of a field of ``string_map_data`` by its name in any known language."""
    fields = record.get("string_map_data")
    if isinstance(fields, Mapping):
        for name, one in fields.items():
            if isinstance(name, str) and name.casefold() in names and isinstance(one, Mapping):
                return _text(one.get("value"))
    return ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
