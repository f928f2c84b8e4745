"""GTIN, GLN, SSCC and unified social credit code, with their check digits.

GS1 keys by the GS1 General Specifications section 7.9 (biip computes the check digit); unified social credit code by
GB 32100-2015 (python-stdnum).
"""

from __future__ import annotations

from functools import lru_cache

from biip import ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_prefixes import GS1CompanyPrefix
from biip.gtin import Gtin
from stdnum.cn import uscc as _uscc

from fieldline_schemas.faults import Fault

GTIN_LENGTHS = (8, 12, 13, 14)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _checked(name: str, text: str) -> str:
    expected = gs1_standard_check_digit(text[:-1])
    if int(text[-1]) != expected:
        raise Fault.of(text, "check_digit", name=name, found=text[-1], expected=expected)
    return text


@lru_cache(maxsize=65536)
def gtin(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits, as 14 digits."""
    if not _digits(text) or len(text) not in GTIN_LENGTHS:
        raise Fault.of(text, "gtin_length")
    full = text.zfill(14)
    if not int(full[:-1]):
        raise Fault.of(text, "gtin_zero")
    return _checked("GTIN", full)


@lru_cache(maxsize=65536)
def gln(text: str) -> str:
    """A GLN: 13 digits."""
    if not _digits(text) or len(text) != 13:
        raise Fault.of(text, "gln_length")
    return _checked("GLN", text)


def sscc(text: str) -> str:
    """An SSCC: 18 digits."""
    if not _digits(text) or len(text) != 18:
        raise Fault.of(text, "sscc_length")
    return _checked("SSCC", text)


def with_check_digit(digits: str) -> str:
    """``digits`` with the GS1 check digit behind them."""
    if not _digits(digits):
        raise Fault.of(digits, "check_digit_digits")
    return digits + str(gs1_standard_check_digit(digits))


def uscc(text: str) -> str:
    """A unified social credit code 统一社会信用代码: 18 characters in capitals, the last one a check character (GB
    32100-2015)."""
    code = text.strip().upper()
    if len(code) != 18 or not code.isascii():
        raise Fault.of(text, "credit_length")
    if not _digits(code[2:8]):
        raise Fault.of(text, "credit_region")
    if any(letter not in "0123456789ABCDEFGHJKLMNPQRTUWXY" for letter in code):
        raise Fault.of(text, "credit_letters")
    expected = _uscc.calc_check_digit(code[:17])
    if code[-1] != expected:
        raise Fault.of(text, "credit_check", found=code[-1], expected=expected)
    return code


@lru_cache(maxsize=4096)
def company_prefix_length(gtin14: str) -> int:
    """Digits of the GS1 company prefix in a GTIN, by GS1's table of prefixes; 0 where the table does not know it."""
    try:
        prefix = Gtin.parse(gtin14).company_prefix
    except ParseError:
        return 0
    return len(prefix.value) if prefix is not None else 0


@lru_cache(maxsize=4096)
def prefix_length(digits: str) -> int:
    """Digits of the GS1 company prefix that ``digits`` begin with, by GS1's table of prefixes; 0 where it does not
    know."""
    prefix = GS1CompanyPrefix.extract(digits)
    return len(prefix.value) if prefix is not None else 0
