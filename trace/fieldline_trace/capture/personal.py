"""Personal data split off at the door: what tells who a person is stands in a table of its own, under a pseudonym.

The pseudonym takes the value's place in the event before anything is made of it: digest, leaf, record, ledger. It is a
keyed hash, so the same value has the same one and a repeat stays a repeat; its secret is kept beside the database,
never in it. Erasing a person empties that one row, and every hash stands.

Only fields that the contract marks as personal are split off. Free text and extensions are not searched.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final
from unicodedata import normalize

import msgspec
from fieldline_schemas.faults import Fault
from fieldline_schemas.personal import personal_paths

from .key_files import PSEUDONYMS, key_file

_PSEUDONYM = re.compile(r"person-[0-9a-f]{32}")
_DOMAIN: Final = b"fieldline.person.1\0"
SECRET_BYTES: Final = 32
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


class Persons:
    """Makes pseudonyms with ``secret``, 32 bytes. ``ValueError`` where it is shorter."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SECRET_BYTES:
            raise ValueError(f"the secret for pseudonyms has {len(secret)} bytes, less than {SECRET_BYTES}")
        self._begun = hmac.new(secret, _DOMAIN, sha256)

    @classmethod
    def of(cls, data_dir: Path) -> Persons:
        """With the secret of the deployment whose data directory this is; made on first use."""
        return cls(key_file(data_dir / PSEUDONYMS, lambda: secrets.token_bytes(SECRET_BYTES)))

    def pseudonym(self, value: str, tenant: str) -> str:
        """``person-`` and 32 hexadecimal digits; equal for equal values of a tenant."""
        made = self._begun.copy()
        made.update(f"{tenant}\0{_settled(value)}".encode())
        return f"person-{made.hexdigest()[:32]}"

    def split(self, raw: bytes, kind: str, tenant: str) -> tuple[bytes, dict[str, str]]:
        """An event of ``kind`` with pseudonyms where it named persons, and who they are, by pseudonym. All else stays
        as it was, to the byte; an event that names nobody stays whole."""
        found: dict[str, str] = {}
        for path in personal_paths(kind):
            raw = bytes(self._split(msgspec.Raw(raw), path, tenant, found))
        return raw, found

    def _split(self, raw: msgspec.Raw, path: tuple[str, ...], tenant: str, found: dict[str, str]) -> msgspec.Raw:
        begin = bytes(raw).lstrip()[:1]
        if begin == b"[":
            elements = [self._split(element, path, tenant, found) for element in _elements(raw)]
            return msgspec.Raw(msgspec.json.encode(elements))
        if path and begin == b"{":
            fields = _fields(raw)
            if path[0] not in fields:
                return raw
            inner = self._split(fields[path[0]], path[1:], tenant, found)
            if bytes(inner) == bytes(fields[path[0]]):
                return raw
            fields[path[0]] = inner
            return msgspec.Raw(msgspec.json.encode(fields))
        if path or begin != b'"':
            return raw
        value = _text(raw)
        if is_pseudonym(value):
            return raw
        pseudonym = self.pseudonym(value, tenant)
        found[pseudonym] = _settled(value)
        return msgspec.Raw(msgspec.json.encode(pseudonym))


NO_SECRET: Final = Fault.by("person_without_secret")
"""Why an event that names persons is refused where no ``Persons`` are at hand."""


def names_persons(raw: bytes, kind: str) -> bool:
    """Whether an event of ``kind`` names a person in a field of its own, other than by a pseudonym."""
    return bool(_NOBODY.split(raw, kind, "")[1])


def is_pseudonym(value: str) -> bool:
    """Whether this is what stands in the ledger for a person."""
    return _PSEUDONYM.fullmatch(value) is not None


def spellings_in_json(value: str) -> list[bytes]:
    """How a person's value stands in JSON that nobody could read: quoted, with its letters as they are or escaped."""
    plain = msgspec.json.encode(value).decode()
    escaped = "".join(letter if letter.isascii() else _escaped(letter) for letter in plain)
    capital = re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), escaped)
    return sorted({text.encode() for text in (plain, escaped, capital)})


def _escaped(letter: str) -> str:
    encoded = letter.encode("utf-16-be")
    return "".join(f"\\u{encoded[start : start + 2].hex()}" for start in range(0, len(encoded), 2))


def _settled(value: str) -> str:
    return normalize("NFC", value).strip()


_NOBODY: Final = Persons(bytes(SECRET_BYTES))
"""For looking only: its pseudonyms go nowhere."""
