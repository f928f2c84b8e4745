"""What everybody may see of a batch: its name as the code on it says, and the public notices; and the label with the
code itself."""

from __future__ import annotations

from urllib.parse import quote

import segno
from fastapi.responses import RedirectResponse, Response
from fieldline_schemas.batch_key import canonical_batch, is_unit
from fieldline_schemas.batch_spellings import spellings
from fieldline_schemas.faults import Fault

from fieldline_trace.api.console.asking import Visit, address
from fieldline_trace.api.console.page import Page
from fieldline_trace.api.console.texts import text
from fieldline_trace.errors import Rejected


async def resolved(visit: Visit, gtin: str, lot: str = "") -> Response:
    """A scanned GS1 Digital Link leads to the page of its goods; a number that is none is answered as one."""
    said = "".join(f"/{part}" for part in ("01", gtin, *(("10", quote(lot, safe="")) if lot else ())))
    try:
        canonical_batch(f"https://id.gs1.org{said}") if lot else None
    except Fault as fault:
        raise Rejected(fault.at("batch")) from None
    return RedirectResponse(address("/goods", {"gtin": gtin, "lot": lot, "lang": visit.query("lang")}), 303)


async def goods(visit: Visit) -> Page:
    """For a consumer, or an inspector at the shop: nothing that is not on the goods themselves or approved for all."""
    gtin, lot = visit.query("gtin"), visit.query("lot")
    batch = ""
    if gtin and lot:
        try:
            batch = canonical_batch(f"https://id.gs1.org/01/{quote(gtin, safe='')}/10/{quote(lot, safe='')}")
        except Fault as fault:
            raise Rejected(fault.at("batch")) from None
    found = await visit.ask("notices", area=visit.query("area") or None)
    notices = [
        {
            "title": one["titles"].get(visit.spoken) or one["titles"]["zh-CN"],
            "text": one["texts"].get(visit.spoken) or one["texts"]["zh-CN"],
            "language": visit.spoken if visit.spoken in one["titles"] else "zh-CN",
            **{name: one[name] for name in ("recall_class", "areas", "approved")},
            "about": bool(lot) and any(lot in said for said in (*one["texts"].values(), *one["titles"].values())),
        }
        for one in found["notices"]
    ]
    notices.sort(key=lambda one: not one["about"])
    return Page(
        "goods.html",
        text("goods.title", visit.spoken),
        {
            "gtin": gtin,
            "lot": lot,
            "batch": batch,
            "notices": notices,
            "story": await visit.ask_if("story", batch=batch) if batch else None,
        },
        plain=True,
    )


async def label(visit: Visit) -> Page:
    """A label to print: the batch in words, and as a QR code with its GS1 Digital Link where it has one, else with the
    address of its page here."""
    found = await visit.ask("name", batch=visit.query("batch"))
    key: str = found["batches"][0]
    link = link_of(key)
    here = str(visit.request.base_url).rstrip("/")
    said = f"{here}{link}" if link else f"{here}{address('/search', {'q': key})}"
    code = segno.make(said, error="m", micro=False)
    return Page(
        "label.html",
        text("label.title", visit.spoken),
        {
            "batch": key,
            "said": said,
            "elements": next((one for one in spellings(key) if one.startswith("(")), ""),
            "rows": ["".join("1" if bit else "0" for bit in row) for row in code.matrix],
            "unit": is_unit(key),
        },
    )


def link_of(key: str) -> str:
    """The path of a batch's GS1 Digital Link (``/01/GTIN/10/LOT``); empty where it has no GTIN."""
    for spelling in spellings(key):
        at = spelling.find("/01/")
        if spelling.startswith("http") and at > 0:
            return spelling[at:].partition("?")[0]
    return ""
