"""Spreadsheets on the command line: a template made, filled in by hand, and handed in, with what was wrong named."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.conftest import CommandLine

HEADERS = "At,Site,Operator,Batches: batch,Batches: quantity,Batches: unit,To site\n"


def _csv(folder: Path, *rows: str, name: str = "shipped.csv") -> str:
    file = folder / name
    file.write_text(HEADERS + "".join(f"{row}\n" for row in rows), encoding="utf-8-sig")
    return str(file)


def test_a_template_is_filled_in_and_handed_in_and_the_same_file_again_repeats(
    served: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "deliveries.xlsx"
    assert served("schema", "sheet", "shipped", "received", "-o", str(file)).code == 0
    book = load_workbook(file)
    worksheet = book["shipped 发货"]
    filled = {"Site": "plant-7", "Operator": "plant-7", "Batches: batch": "plant-7/salad/X1", "To site": "shop-2"}
    for at, cell in enumerate(worksheet[1], 1):
        for header, value in filled.items():
            if str(cell.value).replace("*", "").startswith(f"{header} "):
                worksheet.cell(3, at).value = value
    book.save(file)
    first, again = (served("--as", "plant-7", "emit", str(file), "--json") for _ in range(2))
    assert (first.code, first.json["accepted"], first.json["refused"]) == (0, 1, 0)
    assert (again.code, again.json["accepted"], again.json["repeated"]) == (0, 0, 1)


def test_what_the_sheet_and_what_the_door_refuse_is_named_by_sheet_row_and_column(
    served: CommandLine, tmp_path: Path
) -> None:
    file = _csv(
        tmp_path,
        "2026-03-01,plant-7,plant-7,plant-7/salad/X2,1,kg,shop-2",
        "46082,plant-7,plant-7,plant-7/salad/X3,1,kg,shop-2",
        "2026-03-01,plant-7,plant-7,plant-7/salad/X4,1,,shop-2",
        "2026-03-01,plant-7,,plant-7/salad/X5,1,kg,shop-2",
    )
    done = served("--as", "plant-7", "emit", file, "--json")
    assert done.code == 1
    assert (done.json["accepted"], done.json["refused"]) == (1, 3)
    assert [
        (refusal["sheet"], refusal["row"], refusal["column"], refusal["field"], refusal["rejected"] is None)
        for refusal in done.json["refusals"]
    ] == [
        ("shipped", 3, "A", "at", True),
        ("shipped", 4, "D", "batches[0].unit", False),
        ("shipped", 5, None, "operator", False),
    ]
    told = served("--as", "plant-7", "emit", file)
    assert "sheet 'shipped' row 3 column A (At): at: 46082" in told.err


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0", "save it as one"),
        ("broken.xlsx", b"PK\x03\x04 and no more", "this is no .xlsx workbook"),
        ("shipped.csv", b"Site\0Operator", "no text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    served: CommandLine, tmp_path: Path, name: str, content: bytes, rule: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = served("emit", str(tmp_path / name))
    assert done.code == 1
    assert rule in done.err


def test_a_file_of_which_nothing_is_known_what_it_says_is_refused(served: CommandLine, tmp_path: Path) -> None:
    done = served("emit", _csv(tmp_path, "2026-03-01,p,p,p/q/r,1,kg,s", name="march.csv"))
    assert done.code == 1
    assert "neither the sheet's name nor its first header begins with a kind of event" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("sheet",),
        ("sheet", "eaten"),
        ("sheet", "clock_ticked"),
        ("sheet", "shipped", "received", "--format", "csv"),
        ("sheet", "shipped", "--format", "pdf"),
        ("shipped", "received"),
    ],
)
def test_templates_that_there_are_not_are_wrong_use(served: CommandLine, arguments: tuple[str, ...]) -> None:
    assert served("schema", *arguments).code == 2
