"""The report: same input, same bytes; whole or not at all; every word escaped; numbers that are those of the comparison."""

import csv
import hashlib
import html.parser
import json
import os
import pathlib
import re
import string
import subprocess
import sys
from types import SimpleNamespace

import pytest
import shop_world
from test_figures_world import NAMES, PROVENANCE, VERDICT, comparison
from worlds import load_world

import omnisim as om
from omnisim.figures import svg, views
from omnisim.figures.looks import looks_of
from omnisim.figures.numbers import interval, number, places, signed
from omnisim.figures.panel import alone
from omnisim.figures.svg import drawn
from omnisim.kpis import MEASURES
from omnisim.report import again, assumed, deciding, files, numbers, settled, write
from omnisim.report.english import TEXT
from omnisim.report.judged import judged

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><script>hit=1</script>",
    '"><img src=x onerror=hit=1>',
    "' onmouseover='hit=1",
    "<svg/onload=hit=1>",
    "]]><!--",
    "--><script>hit=1</script>",
    "</style><script>hit=1</script>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "${7*7}",
    "{0.__class__}",
    "javascript:hit=1",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "&lt;b&gt;",
    "</desc></svg><script>hit=1</script>",
    "<a href='//evil.example'>",
    "\u202e<b>",
    '=HYPERLINK("//evil.example")',
    "<base href=//evil.example>",
)
TAGS = """html head meta title style body main header section h1 h2 h3 p a table thead tbody tr th td span div ul li b
figure figcaption svg g path defs use clippath text rect circle details summary pre code dl dt dd br wbr pattern desc"""


class Page(html.parser.HTMLParser):
    """What a browser sees: elements with their attributes, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        self.words.append(data)

    def attributes(self, name: str) -> list[str]:
        return [a[name] for _, a in self.elements if name in a]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    assert write(comparison(), out) == out / "report.html"
    return out


@pytest.fixture(scope="module")
def text(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


def write_all(folder: pathlib.Path, texts: dict[pathlib.Path, str]) -> None:
    for name, content in texts.items():
        files.write(folder / name, content)


def digest(folder: pathlib.Path) -> str:
    parts = [f"{p.relative_to(folder)} {hashlib.sha256(p.read_bytes()).hexdigest()}" for p in sorted(folder.rglob("*")) if p.is_file()]
    return "\n".join(parts)


# the folder


def test_the_folder_holds_the_page_the_figures_and_the_numbers(folder):
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    figures = ("abandonment_by_half_hour", "minutes", "moves", "service_by_half_hour", "settling", "tradeoff", "views")
    assert found == {"report.html", "numbers.csv", "run.json", *(f"figures/{f}.svg" for f in figures)}


def test_same_input_same_bytes_here_and_in_other_processes(folder, tmp_path):
    write(comparison(), tmp_path / "here")
    code = "import sys; from test_figures_world import comparison; from omnisim.report import write; write(comparison(), sys.argv[1])"
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, str(tmp_path / seed)]
        subprocess.run(
            command, cwd=pathlib.Path(__file__).parent, check=True, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}"}
        )
    assert {digest(tmp_path / name) for name in ("here", "1", "2")} == {digest(folder)}


def test_a_crash_at_any_point_leaves_each_file_whole(folder, tmp_path, monkeypatch):
    """Old or new, never half, and no rubbish: the sync fails at the n-th file, for every n."""
    names = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if p.is_file()]
    old = comparison(names=("Multichannel", "Omnichannel"), seeds=2)
    write(old, tmp_path)
    before = {n: (tmp_path / n).read_bytes() for n in names}
    after = {n: (folder / n).read_bytes() for n in names}
    assert all(before[n] != after[n] for n in names if n.name != "minutes.svg")
    texts = {n: after[n].decode() for n in names}
    for crash in range(len(names)):
        calls = iter(range(1000))

        def fail(descriptor, calls=calls, crash=crash):
            if next(calls) == crash:
                raise OSError(28, "no space left on device")

        monkeypatch.setattr(files.os, "fsync", fail)
        with pytest.raises(OSError, match="no space"):
            write_all(tmp_path, texts)
        monkeypatch.undo()
        assert all((tmp_path / n).read_bytes() in (before[n], after[n]) for n in names)
        assert not list(tmp_path.rglob(".*"))
    write(comparison(), tmp_path)
    assert digest(tmp_path) == digest(folder)


def test_a_figure_of_an_earlier_report_does_not_stay(tmp_path):
    write(comparison(names=NAMES[:2], seeds=2), tmp_path)
    assert (tmp_path / "figures/settling.svg").exists()
    other = tmp_path / "figures/mine.svg"
    other.write_text("mine")
    write(comparison(names=NAMES[:2], seeds=1), tmp_path)
    assert not (tmp_path / "figures/settling.svg").exists()
    assert other.read_text() == "mine", "what is not ours is left alone"


def test_numbers_csv_is_every_estimate_and_difference(folder):
    made = comparison()
    rows = list(csv.DictReader((folder / "numbers.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == sum(len(a.estimates) for a in made.answers) + len(made.differences)
    d = made.difference("service_level", "Omnichannel", channel="phone")
    row = next(
        r
        for r in rows
        if (r["what"], r["strategy"], r["kpi"], r["channel"], r["interval"]) == ("difference", "Omnichannel", "service_level", "phone", "")
    )
    assert [float(row[k]) for k in ("difference", "difference_low", "difference_high", "p")] == [d.difference, d.low, d.high, d.p]
    e = made.baseline.kpi("asa_s")
    row = next(
        r for r in rows if (r["what"], r["strategy"], r["kpi"], r["channel"], r["medium"]) == ("estimate", "Multichannel", "asa_s", "", "")
    )
    assert [float(row[k]) for k in ("mean", "low", "high", "sd", "pooled", "n")] == [e.mean, e.low, e.high, e.sd, e.pooled, e.n]


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "|x", "\r=1"])
def test_no_name_becomes_a_formula(name):
    assert numbers.cell(name).startswith("'")
    table = numbers.csv(comparison(names=(name, "other"), seeds=2))
    for row in csv.reader(table.splitlines()):
        assert not any(cell.strip()[:1] in "=+@|＝" and cell.strip() for cell in row if not re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", cell))


def test_run_json_names_no_place_and_no_time(folder):
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert run["command"] == "omnisim compare a.yaml b.yaml c.yaml"
    assert run["seeds"] == [1, 2, 3, 4, 5, 6]
    assert run["engine"] == "compiled"
    assert [s["name"] for s in run["scenarios"]] == list(NAMES)
    assert [s["file"] for s in run["scenarios"]] == [f"{n}.yaml" for n in NAMES], "the file's name, not where it lies"
    assert all(re.fullmatch("[0-9a-f]{64}", s["hash"]) for s in run["scenarios"])
    assert set(run["versions"]) == {"omnisim", "python", *again.LIBRARIES}
    assert "somewhere" not in (folder / "report.html").read_text(encoding="utf-8")


def test_without_a_command_the_call_is_shown():
    assert again.command(comparison(command="", seeds=2)).startswith("omnisim.compare(['Multichannel.yaml', 'Siloed.yaml'")
    assert again.seeds(comparison(seeds=1)) == "1"
    assert again.seeds(SimpleNamespace(baseline=SimpleNamespace(seeds=(2, 5)))) == "2, 5"


# the page


def test_the_page_asks_nothing_of_anybody(text):
    page = Page(text)
    assert "://" not in text
    assert {tag for tag, _ in page.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "video",
        "audio",
    } == set()
    assert not page.attributes("src")
    assert not page.attributes("srcset")
    assert all(href.startswith("#") for href in page.attributes("href"))
    assert "@import" not in text
    assert set(re.findall(r"url\(([^)]*)\)", text)) <= {f"#{i}" for i in page.attributes("id")}
    csp = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert csp.startswith("default-src 'none'")


def test_every_link_leads_somewhere_and_ids_are_unique(text):
    page = Page(text)
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert {h[1:] for h in page.attributes("href") if h.startswith("#")} <= set(ids)


def test_sections_come_in_the_order_in_which_they_are_read(text):
    ids = [i for t, a in Page(text).elements if t == "section" for i in [a["id"]]]
    assert ids == ["numbers", "only-if", "views", "figures", "assumed", "seeds", "again", "definitions"]
    figures = [a["id"] for t, a in Page(text).elements if t == "figure"]
    order = ["views", "tradeoff", "service_by_half_hour", "abandonment_by_half_hour", "moves", "minutes", "settling"]
    assert figures == [f"figure-{n}" for n in order]


def test_every_figure_has_a_title_alternative_text_a_caption_and_its_numbers(text):
    for figure in re.findall(r"<figure.*?</figure>", text, re.S):
        page = Page(figure)
        tags = [t for t, _ in page.elements]
        assert tags.count("h3") == tags.count("figcaption") == tags.count("details") == 1
        drawings = [a for t, a in page.elements if t == "svg" and a.get("role") == "img"]
        assert drawings
        assert all(len(a["aria-label"]) > 20 for a in drawings)
        assert "table" in tags


def test_the_deciding_table_is_the_comparison():
    made = comparison()
    lines = {line.kpi: line for line in deciding.lines(made)}
    assert list(lines) == [
        "service_level", "first_contact_resolution", "repeat_told_rate", "agent_minutes_per_issue", "cost_per_resolved", "journey_success",
    ]  # fmt: skip
    for kpi, line in lines.items():
        unit = made.baseline.kpi(kpi).unit
        ds = [made.difference(kpi, n) for n in NAMES[1:]]
        ends = [(d.low, d.high) if d.low_holm is None else (d.low_holm, d.high_holm) for d in ds]
        n = places([max((high - low) / 2 for low, high in ends)], unit)
        assert line.cells[0].value == number(made.baseline.kpi(kpi).mean, n, unit)
        for cell, d, (low, high), answer in zip(line.cells[1:], ds, ends, made.answers[1:], strict=True):
            assert cell.value == number(answer.kpi(kpi).mean, n, unit)
            assert cell.difference == signed(d.difference, n, unit)
            assert cell.interval == interval(low, high, n, unit, sign=True)
            better = MEASURES[kpi].better
            want = "open" if low <= 0.0 <= high else "better" if (low > 0.0) == (better == "higher") else "worse"
            assert cell.sense == want


def test_what_the_page_says_of_a_difference():
    d = comparison().difference("repeat_told_rate", "Omnichannel")
    with_ = lambda **k: deciding.sense(SimpleNamespace(**{**{f: getattr(d, f) for f in d.__dataclass_fields__}, "low_holm": None, **k}))  # noqa: E731
    assert with_(low=0.1, high=0.2) == "worse"
    assert with_(low=-0.2, high=-0.1) == "better"
    assert with_(low=-0.2, high=0.1) == "open"
    assert with_(low=0.0, high=0.0, difference=0.0) == "same"
    assert with_(low=None, high=None) == "alone"
    assert with_(low=0.1, high=0.2, kpi="visitors") == "more"
    assert with_(low=0.1, high=0.2, low_holm=-0.1, high_holm=0.3) == "open"


def test_the_page_shows_the_verdict_the_counts_and_the_command(text):
    words = re.sub(r"\s+", " ", " ".join(Page(text).words))
    for said in (
        VERDICT["headline"],
        *VERDICT["paragraphs"],
        "It pays only if the hub is cheap.",
        "1 200",
        "[1 100, 1 300]",
        "yours: 900 USD/day",
        "Same people, better service.",
        "−1.00 [−1.20, −0.80]",
        "−0.30 [−0.40, −0.20]",
        "1 of grade C (assumed), 1 of grade B (quoted from a traced source), 1 of grade A (measured)",
        "explicit keys win over the preset",
        "omnisim compare a.yaml b.yaml c.yaml",
        "omnisim define service_level",
        "0.55",
        "0.30 – 0.80",
        "a survey, 2022",
        "answered_in_time_over_offered, wait <= 20 s",
    ):
        assert said in words, said


def test_every_measure_that_is_shown_is_defined(text):
    shown = set(re.findall(r'href="#kpi-(\w+)"', text))
    assert {"service_level", "journey_success", "cost_per_resolved"} <= shown
    for kpi in shown:
        block = re.search(rf'<dt id="kpi-{kpi}">.*?</dd>', text, re.S)
        assert block
        assert MEASURES[kpi].definition in Page(block[0]).words[2] or MEASURES[kpi].definition.split(";")[0] in " ".join(
            Page(block[0]).words
        )
        assert f"omnisim define {kpi}" in block[0]
        assert 'href="#again"' in block[0]


@pytest.mark.parametrize("bad", [" ".join(HOSTILE[i::4]) for i in range(4)])
def test_no_word_of_a_user_becomes_markup(bad, tmp_path):
    """In every place where people's words may stand they are shown as they are, and never obeyed."""
    line = {"text": bad, "threshold": 1.0, "low": 0.5, "high": 1.5, "yours": 2.0, "unit": bad, "grade": bad}
    sides = {"difference": 1.0, "low": 0.5, "high": 1.5}
    verdict = {"headline": bad, "paragraphs": [bad], "only_if": [line], "fair": [{"name": bad, "strategy": bad, "text": bad}]}
    verdict["self_service"] = [{"strategy": bad, "kpi": bad, "unit": bad, "counted": sides, "not_counted": sides}]
    row = dict.fromkeys(("path", "value", "low", "high", "unit", "grade", "source", "note"), bad)
    channels = sorted(f"{c}{bad}" for c in ("chat", "mail", "phone", "web"))
    named = {"channels": channels, "pools": [bad], "segments": [bad, bad + "2"], "media": ["a" + bad, "b", "c", "d"]}
    names = ("Multichannel " + bad, "Omnichannel " + bad)
    made = comparison(names=names, seeds=2, verdict=verdict, provenance=(row,), warnings=(bad,), command=bad, **named)
    write(made, tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert {tag for tag, _ in page.elements} <= set(TAGS.split())
    assert not [k for _, a in page.elements for k in a if k.startswith("on")]
    assert all(h.startswith("#") for h in page.attributes("href"))
    assert not [b for b in HOSTILE if "<" in b and b in text], "raw"
    words = " ".join(page.words)
    assert bad in words
    assert words.count(bad) > 10
    for file in (tmp_path / "figures").iterdir():
        assert {t for t, _ in Page(file.read_text(encoding="utf-8")).elements} <= set(TAGS.split())


@pytest.mark.parametrize("bad", HOSTILE)
def test_no_word_of_a_user_becomes_markup_in_a_figure(bad):
    made = comparison(names=(bad, bad + "2"), seeds=2)
    facts = views.facts(made)
    raw = drawn(400, 300, alone(views, facts, views.panels(facts)[0], looks_of(made), TEXT))
    inside = svg.page(raw, "x", bad) + svg.file(raw, "x", bad, bad)
    assert not [b for b in HOSTILE if "<" in b and b in inside]
    assert {t for t, _ in Page(inside).elements} <= set(TAGS.split())
    assert not [k for _, a in Page(inside).elements for k in a if k.startswith("on")]
    assert any("".join(c if c.isprintable() else " " for c in bad)[:20] in w for w in Page(inside).words)


def test_template_signs_in_names_stay_signs(tmp_path):
    made = comparison(names=("{{ 7 * 7 }}", "{base}"), seeds=2, verdict={})
    words = " ".join(Page(write(made, tmp_path).read_text(encoding="utf-8")).words)
    assert "{{ 7 * 7 }}" in words
    assert "{base}" in words
    assert "49" not in words.split("What was assumed")[0].split("{{")[0]


# thin input


@pytest.mark.parametrize(
    "verdict", [{}, {"headline": None, "only_if": None, "fair": "x", "self_service": [1], "seeds": 3, "paragraphs": "text"}]
)
def test_a_verdict_with_little_in_it_is_enough(verdict, tmp_path):
    page = write(comparison(seeds=2, verdict=verdict), tmp_path).read_text(encoding="utf-8")
    assert "Siloed, Omnichannel compared with Multichannel" in page
    assert TEXT["only_if.none"] in page
    assert judged(verdict).only_if == ()


def test_one_seed_says_that_it_is_one_possible_day(tmp_path):
    page = write(comparison(seeds=1, names=NAMES[:2], verdict={}), tmp_path).read_text(encoding="utf-8")
    assert page.count(TEXT["deciding.note.one"]) == 2
    assert TEXT["deciding.alone"] in page


def test_no_provenance_means_own_numbers(tmp_path):
    page = write(comparison(seeds=2, names=NAMES[:2], provenance=(), warnings=()), tmp_path).read_text(encoding="utf-8")
    assert TEXT["assumed.none"] in page
    assert "Warnings" not in page


def test_an_input_that_all_strategies_share_is_one_row():
    made = comparison(seeds=2)
    rows = assumed.assumed(made)
    assert [(r.grade, r.strategies) for r in rows] == [("C", ""), ("B", ""), ("A", "")]
    own = {**PROVENANCE[1], "value": 0.9, "grade": "own"}
    made.answers[2].scenario.provenance = lambda: [PROVENANCE[0], own]
    rows = assumed.assumed(made)
    assert [(r.path, r.grade, r.strategies) for r in rows if r.path == "context.identify"] == [
        ("context.identify", "C", "Multichannel, Siloed"),
        ("context.identify", "own", "Omnichannel"),
    ]
    assert assumed.counts(rows) == {"A": 1, "B": 1, "C": 1, "own": 1}


@pytest.mark.parametrize("seed", range(4))
def test_any_world_has_its_page(seed, tmp_path):
    """Generated worlds, really simulated: with and without context, money, intervals, inboxes, markov journeys."""
    world = load_world(tmp_path, seed)
    other = world.with_({"staffing.routing.contact": "longest_wait"})
    made = om.compare([world, other], seeds=2, workers=1)
    page = write(made, tmp_path / "out").read_text(encoding="utf-8")
    ids = Page(page).attributes("id")
    assert len(ids) == len(set(ids))
    assert "nan" not in " ".join(Page(page).words).lower().split()
    assert om.compare([world, world], seeds=1, workers=1).report(tmp_path / "same").exists()


def test_seeds_that_settle_the_adjusted_interval_agree_with_it():
    for seeds in (3, 6):
        made = comparison(seeds=seeds)
        for line in settled.settled(made, TEXT):
            for cell in line.cells:
                d = made.difference(line.kpi, cell.strategy)
                low, high = (d.low, d.high) if d.low_holm is None else (d.low_holm, d.high_holm)
                assert cell.done == (not low <= 0.0 <= high)
                plain = SimpleNamespace(**{f: getattr(d, f) for f in d.__dataclass_fields__})
                assert 0.95 <= settled.confidence(plain) + 1e-9 < 1.0


# words


def test_every_measure_has_a_name_in_words():
    assert {f"kpi.{name}" for name in MEASURES} == {key for key in TEXT if key.startswith("kpi.")}


def test_every_word_is_used(tmp_path):
    class Heard(dict):
        """Remembers which keys were asked for."""

        asked: set[str] = set()  # noqa: RUF012

        def __getitem__(self, key):
            self.asked.add(key)
            return super().__getitem__(key)

    from omnisim.report import page, pictures

    heard = Heard(TEXT)
    shops = (
        shop_world.comparison(seeds=2, week=True, ignorance=shop_world.ignorance()),
        shop_world.comparison(seeds=1, names=NAMES[:2]),
    )
    for made in (comparison(), comparison(seeds=1, verdict={}, provenance=(), warnings=()), *shops):
        page.html(made, pictures.draw(made, heard), heard)
    families = ("kpi.", "end.", "spent.", "fair.", "deciding.", "seeds.", "assumed.", "define.")  # which one is said depends on the numbers
    rare = {"by_half_hour.interval", "by_half_hour.title.plain", "minutes.bar.none"}
    assert {k for k in TEXT if k not in heard.asked and not k.startswith(families)} == rare


def test_words_name_only_what_can_be_filled_in():
    for key, value in TEXT.items():
        names = {field for _, field, _, _ in string.Formatter().parse(value) if field is not None}
        assert all(re.fullmatch(r"[a-z_]+", name) for name in names), key
