"""The 2011 outbreak of STEC O104:H4, as far as it was published, as events.

Published (European Food Safety Authority, technical report on tracing seeds, 5 July 2011; German EHEC task force,
final report 2011): 2,987 cases of STEC and 855 of HUS, 53 deaths; every cluster with enough data led to one sprout
producer in Lower Saxony; a second cluster, after an event in Bègles near Bordeaux on 8 June 2011, had never seen those
sprouts. Both had fenugreek seeds of lot 48088: out of Egypt by Damietta on 24 November 2009, over Antwerp and
Rotterdam to an importer in Germany, there relabelled 6832. Every sample of the seeds was negative. Cucumbers were
blamed first, wrongly.

Invented, and marked so in each event: names of firms and restaurants, other lots, quantities, days that were not
published.
"""

from __future__ import annotations

from fieldline_streams.demo.told import EVERYTHING, Event, event, kg

EFSA = "EFSA, Tracing seeds … STEC O104:H4 2011 outbreaks in Germany and France, 5 July 2011"
HAZARD = {"hazard_class": "pathogen", "hazard": "STEC O104:H4"}

SEED = "exporter-eg/fenugreek seed/48088"
RELABELLED = "importer-de/fenugreek seed/6832"
LATER_SEED = "exporter-eg/fenugreek seed/8266"
WELL = "sprouts-ni/well water/~WELL"

CLUSTERS = ("Lübeck restaurant", "Frankfurt canteen", "cluster 3", "cluster 4", "cluster 5")
"""Five of the German clusters that were traced; the places of the first two were published, the rest is invented."""
FRENCH = "Bègles event"


def seeds() -> list[Event]:
    """How lot 48088 came to Germany and under which label it went on."""
    return [
        event(
            "seed-grown", "harvested", "exporter-eg", "Egypt", "2009",
            out_batch=kg(SEED, 15000), invented=["operator", "quantity", "at"], source=EFSA,
        ),
        event(
            "seed-by-sea", "shipped", "exporter-eg", "Egypt", "2009-11-24", zone="Africa/Cairo",
            batches=[kg(SEED, 15000)], to_site="Antwerp port", arrived="2009-12", invented=["quantity", "arrived"],
            source=EFSA,
        ),
        event(
            "seed-by-barge", "shipped", "carrier-nl", "Antwerp port", "2009-12", zone="Europe/Brussels",
            batches=[kg(SEED, 15000)], to_site="Rotterdam port", arrived="2009-12",
            invented=["operator", "quantity"], source=EFSA,
        ),
        event(
            "seed-by-road", "shipped", "carrier-nl", "Rotterdam port", "2009-12", zone="Europe/Amsterdam",
            batches=[kg(SEED, 15000)], to_site="importer, Germany", to_operator="importer-de", arrived="2009-12",
            invented=["operator", "quantity"], source=EFSA,
        ),
        event(
            "seed-relabelled", "transformed", "importer-de", "importer, Germany", "2009-12", zone="Europe/Berlin",
            in_batches=[kg(SEED, 14925)], out_batches=[kg(RELABELLED, 14925)], invented=["operator", "quantity"],
            source=EFSA,
        ),
        event(
            "later-seed-by-sea", "shipped", "exporter-eg", "Egypt", "2010-10", zone="Africa/Cairo",
            batches=[kg(LATER_SEED, 10000)], to_site="importer, Germany", to_operator="importer-de",
            arrived="2010-10",
            invented=["quantity"], source=EFSA,
        ),
        event(
            "seed-to-distributor", "shipped", "importer-de", "importer, Germany", "2010", zone="Europe/Berlin",
            batches=[kg(RELABELLED, 10500)], to_site="seed distributor, Germany", to_operator="distributor-de",
            arrived="2010",
            invented=["operator", "quantity", "at"], source=EFSA,
        ),
        event(
            "seed-to-producer", "shipped", "distributor-de", "seed distributor, Germany", "2011-02-10",
            zone="Europe/Berlin",
            batches=[kg(RELABELLED, 75)], to_site="sprout producer, Lower Saxony", to_operator="sprouts-ni",
            arrived="2011-02-10",
            invented=["operator", "quantity"], source=EFSA,
        ),
    ]  # fmt: skip


def sprouts() -> list[Event]:
    """Sprouts of that seed and of others, all rinsed with one well's water, mixed and sold to the places of the
    clusters."""
    place = "sprout producer, Lower Saxony"
    well = event(
        "well", "harvested", "sprouts-ni", place, "2010", zone="Europe/Berlin", out_batch=WELL, invented=EVERYTHING
    )
    said = [well]
    others = {"lentil": "L-201", "adzuki": "A-118", "alfalfa": "F-077", "radish": "R-305"}
    for seed, lot in others.items():
        said.append(
            event(
                f"{seed}-in", "shipped", "seeds-eu", "seed merchant", "2011-02", zone="Europe/Berlin",
                batches=[kg(f"seeds-eu/{seed} seed/{lot}", 100)], to_site=place, to_operator="sprouts-ni",
                arrived="2011-02",
                invented=EVERYTHING,
            )
        )  # fmt: skip
    for week, (day, cluster) in enumerate(zip((2, 4, 6, 9, 11), CLUSTERS, strict=True), 1):
        sprout, mix = f"sprouts-ni/fenugreek sprouts/W{week}", f"sprouts-ni/spicy mix/M{week}"
        other = list(others)[week % len(others)]
        said += [
            event(
                f"grown-{week}", "transformed", "sprouts-ni", place, f"2011-05-{day:02}", zone="Europe/Berlin",
                in_batches=[RELABELLED, WELL], out_batches=[kg(sprout, 40)], invented=EVERYTHING,
            ),
            event(
                f"grown-other-{week}", "transformed", "sprouts-ni", place, f"2011-05-{day:02}", zone="Europe/Berlin",
                in_batches=[f"seeds-eu/{other} seed/{others[other]}", WELL],
                out_batches=[kg(f"sprouts-ni/{other} sprouts/W{week}", 40)], invented=EVERYTHING,
            ),
            event(
                f"mixed-{week}", "transformed", "sprouts-ni", place, f"2011-05-{day:02}", zone="Europe/Berlin",
                in_batches=[kg(sprout, 20), kg(f"sprouts-ni/{other} sprouts/W{week}", 20)],
                out_batches=[kg(mix, 40)], invented=EVERYTHING,
            ),
            event(
                f"sold-{week}", "shipped", "sprouts-ni", place, f"2011-05-{day:02}", zone="Europe/Berlin",
                batches=[kg(mix, 5)], to_site=cluster, to_operator=cluster, arrived=f"2011-05-{day + 1:02}",
                invented=EVERYTHING,
            ),
        ]  # fmt: skip
    return said


def meals() -> list[Event]:
    """What the guests of the German clusters ate: sprouts, and in some places the cucumbers that were blamed."""
    said = []
    cucumbers = "grower-es/cucumber/C-11"
    for number, (day, cluster) in enumerate(zip((3, 5, 7, 10, 12), CLUSTERS, strict=True), 1):
        with_cucumber = number in (1, 3)
        if with_cucumber:
            said.append(
                event(
                    f"cucumber-{number}", "received", cluster, cluster, f"2011-05-{day:02}", zone="Europe/Berlin",
                    batches=[kg(cucumbers, 10)], from_site="wholesale market", invented=EVERYTHING,
                )
            )  # fmt: skip
        said.append(
            event(
                f"salad-{number}", "prepared", cluster, cluster, f"2011-05-{day:02}", zone="Europe/Berlin",
                out_batch=f"{cluster}/salad/2011-05-{day:02}",
                in_batches=[f"sprouts-ni/spicy mix/M{number}", *([cucumbers] if with_cucumber else [])],
                invented=EVERYTHING,
            )
        )  # fmt: skip
    return said


def cases() -> list[Event]:
    """Cases under pseudonyms, three a cluster. Their number is invented: the published ones are thousands."""
    said = []
    places = [(cluster, f"{cluster}/salad/2011-05-{day:02}", f"2011-05-{day + 8:02}")
              for cluster, day in zip(CLUSTERS, (3, 5, 7, 10, 12), strict=True)]  # fmt: skip
    places.append((FRENCH, f"{FRENCH}/sprouts/2011-06-08", "2011-06-15"))
    for cluster, meal, onset in places:
        for number in range(1, 4):
            name = f"case-{cluster.replace(' ', '-').lower()}-{number}"
            said.append(
                {
                    "id": f"demo:{name}",
                    "kind": "illness_case",
                    "case": name,
                    "cluster": cluster,
                    "onset": onset,
                    "at": onset,
                    "zone": "Europe/Berlin",
                    "exposures": [{"batch": meal, "site": cluster}],
                    "confirmed": number == 1,
                    **HAZARD,
                    "x-illustrative": EVERYTHING if cluster != FRENCH else ["case", "onset"],
                }
            )
    return said


def samples() -> list[Event]:
    """Every sample of the seed was negative, and of the well and the sprouts too: that cleared none of them."""
    tested = {
        "seed-at-importer": (SEED, "importer, Germany"),
        "seed-at-producer": (RELABELLED, "sprout producer, Lower Saxony"),
        "well": (WELL, "sprout producer, Lower Saxony"),
        "sprouts": ("sprouts-ni/fenugreek sprouts/W5", "sprout producer, Lower Saxony"),
        "cucumbers": ("grower-es/cucumber/C-11", CLUSTERS[0]),
    }
    return [
        event(
            f"negative-{name}", "tested", "lab-de", site, "2011-06", zone="Europe/Berlin", batch=batch, lab="lab-de",
            report=f"R-{name}", verdict="passed", invented=["lab", "report", "at"], source=EFSA, **HAZARD,
        )
        for name, (batch, site) in tested.items()
    ]  # fmt: skip


def wrong_note() -> list[Event]:
    """The delivery note of one kitchen named the cucumbers of another day; it said so itself, and replaced the note."""
    wrong = event(
        "salad-5-first-note", "prepared", CLUSTERS[4], CLUSTERS[4], "2011-05-12", zone="Europe/Berlin",
        out_batch=f"{CLUSTERS[4]}/salad/2011-05-12", in_batches=["grower-es/cucumber/C-11"], invented=EVERYTHING,
    )  # fmt: skip
    taken_back = {
        "id": "demo:salad-5-taken-back",
        "kind": "corrected",
        "operator": CLUSTERS[4],
        "target": {"id": wrong["id"]},
        "action": "withdraw",
        "reason": "the note was of another day's salad, which had cucumbers",
        "x-illustrative": EVERYTHING,
    }
    return [wrong, taken_back]


def late() -> list[Event]:
    """What came last: how the seed had reached France, by a company in the United Kingdom that packed it for
    gardeners."""
    packets = "seeds-uk/fenugreek sachets/UK-50"
    return [
        event(
            "seed-to-uk", "shipped", "importer-de", "importer, Germany", "2010", zone="Europe/Berlin",
            batches=[kg(RELABELLED, 400)], to_site="seed company, United Kingdom", to_operator="seeds-uk",
            arrived="2010",
            invented=["operator", "quantity", "at"], source=EFSA,
        ),
        event(
            "seed-packed", "transformed", "seeds-uk", "seed company, United Kingdom", "2011", zone="Europe/London",
            in_batches=[kg(RELABELLED, 400)], out_batches=[kg(packets, 400)],
            invented=["operator", "quantity", "out_batches"], source=EFSA,
        ),
        event(
            "seed-to-garden-centre", "shipped", "seeds-uk", "seed company, United Kingdom", "2011",
            zone="Europe/London",
            batches=[kg(packets, 10)], to_site="garden centre, France", to_operator="garden-fr", arrived="2011",
            invented=["operator", "quantity"], source=EFSA,
        ),
        event(
            "seed-bought", "shipped", "garden-fr", "garden centre, France", "2011-05", zone="Europe/Paris",
            batches=[kg(packets, 1)], to_site=FRENCH, arrived="2011-05", invented=["operator", "quantity", "at"],
            source=EFSA,
        ),
        event(
            "sprouted-at-home", "prepared", FRENCH, FRENCH, "2011-06-08", zone="Europe/Paris",
            out_batch=f"{FRENCH}/sprouts/2011-06-08", in_batches=[packets], invented=["operator"], source=EFSA,
        ),
    ]  # fmt: skip
