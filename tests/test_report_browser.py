"""The page in a browser: nothing sticks out at 400 or 1280 px, no letter of a figure is cut off, no script runs, it prints."""

import html
import json
import pathlib
import re
import shutil
import subprocess

import pytest
import shop_world
from test_figures_world import comparison

from omnisim.report import write

BROWSER = next((b for b in ("chromium", "chromium-browser", "google-chrome", "chrome") if shutil.which(b)), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine (Debian: apt install chromium)")

LONG = "Multichannel with the money of the hub spent on seven more people on the telephone"
HOSTILE = "</h1><script>top.hit=1;parent.hit=1</script><img src=x onerror=parent.hit=1>"

# measures a page inside a frame of each width: the frame has the page's own origin, so it can be looked into
MEASURE = """
function scrolls(e) {
  for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX === "auto") return true;
  return false;
}
function look(frame) {
  const page = frame.contentDocument, width = frame.clientWidth, wide = [], cut = [], letters = [];
  page.querySelectorAll("details").forEach(d => d.open = true);
  page.querySelectorAll("body *").forEach(e => {
    const box = e.getBoundingClientRect();
    if (!e.closest("svg") && box.width > 0 && box.right > width + 1 && !scrolls(e)) wide.push(e.tagName + "." + e.className);
  });
  page.querySelectorAll("svg[role=img] text").forEach(t => {
    const box = t.getBoundingClientRect(), all = t.closest("svg").getBoundingClientRect();
    const out = box.left < all.left - 2 || box.right > all.right + 2 || box.top < all.top - 2 || box.bottom > all.bottom + 2;
    if (out) cut.push(t.textContent);
    if (box.height > 0) letters.push(parseFloat(getComputedStyle(t).fontSize) * all.width / t.closest("svg").viewBox.baseVal.width);
  });
  const hit = frame.contentWindow.hit !== undefined || window.hit !== undefined;
  return {width, page: page.documentElement.scrollWidth, wide, cut, letters: Math.min(...letters), hit};
}
"""


def run(page: str, tmp_path: pathlib.Path, *options: str) -> str:
    file = tmp_path / "looked.html"
    file.write_text(page, encoding="utf-8")
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=10000"]
    assert BROWSER
    done = subprocess.run([BROWSER, *quiet, *options, file.as_uri()], capture_output=True, text=True, check=False, timeout=120)
    return done.stdout


def look(page: str, tmp_path: pathlib.Path, *widths: int) -> dict[int, dict]:
    """What a page looks like 400 and 1280 px wide, or at the widths asked for."""
    widths = widths or (400, 1280)
    frames = "".join(f'<iframe id="w{w}" style="width:{w}px;height:900px;border:0" srcdoc="{html.escape(page)}"></iframe>' for w in widths)
    script = MEASURE + "onload = () => { document.title = JSON.stringify([...document.querySelectorAll('iframe')].map(look)); };"
    out = run(
        f"<!DOCTYPE html><meta charset=utf-8><title>none</title><script>{script}</script><body>{frames}</body>", tmp_path, "--dump-dom"
    )
    title = re.search(r"<title>(.*?)</title>", out, re.S)
    assert title, out[:500]
    assert title[1] != "none", "the page was not measured"
    return {m["width"]: m for m in json.loads(html.unescape(title[1]))}


@pytest.mark.parametrize("names", [("Multichannel", "Siloed", "Omnichannel", LONG), ("Multichannel", HOSTILE)], ids=["long", "hostile"])
def test_nothing_sticks_out_is_cut_off_or_runs(names, tmp_path):
    channels = ["chat_with_a_person", "mailbox_of_the_shop", "phone_call_center", "web"]
    page = write(comparison(names=names, seeds=4, channels=channels), tmp_path / "out").read_text(encoding="utf-8")
    for width, seen in look(page, tmp_path).items():
        assert seen["page"] <= width, f"{width} px: the page is {seen['page']} px wide"
        assert seen["wide"] == [], f"{width} px"
        assert seen["cut"] == [], f"{width} px"
        assert seen["letters"] >= 8.5, f"{width} px: letters of {seen['letters']} px"
        assert not seen["hit"], "a user's word was run as a script"


def test_nothing_of_a_shop_sticks_out_or_is_cut_off(tmp_path):
    page = of_a_shop(tmp_path)
    for width, seen in look(page, tmp_path).items():
        assert seen["page"] <= width, f"{width} px: the page is {seen['page']} px wide"
        assert seen["wide"] == [], f"{width} px"
        assert seen["cut"] == [], f"{width} px"
        assert seen["letters"] >= 8.5, f"{width} px: letters of {seen['letters']} px"


def test_the_measure_would_see_it(tmp_path):
    """Negative control: a wide line, a cut letter and a script are found."""
    page = (
        "<!DOCTYPE html><body><div style='width:1500px'>wide</div><script>parent.hit = 1</script>"
        "<svg role='img' viewBox='0 0 100 100' width='100'><text x='90' y='50'>cut off here</text></svg></body>"
    )
    seen = look(page, tmp_path)
    assert set(seen) == {400, 1280}
    for measured in seen.values():
        assert measured["wide"]
        assert measured["cut"] == ["cut off here"]
        assert measured["hit"]


def of_a_shop(tmp_path):
    c = shop_world.comparison(names=("Multichannel", "Siloed", "Omnichannel", LONG), seeds=3, week=True, ignorance=shop_world.ignorance())
    return write(c, tmp_path / "out").read_text(encoding="utf-8")


@pytest.mark.parametrize(("shop", "fewest", "most"), [(False, 5, 16), (True, 8, 24)], ids=["service", "shop"])
def test_it_prints_on_a4(shop, fewest, most, tmp_path):
    """Portrait pages of A4, a sensible number of them."""
    page = of_a_shop(tmp_path) if shop else write(comparison(seeds=4), tmp_path / "out").read_text(encoding="utf-8")
    printed = tmp_path / "page.pdf"
    run(page, tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    data = printed.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert fewest <= len(boxes) <= most
    assert {(round(float(w)), round(float(h))) for w, h in boxes} <= {(595, 842), (594, 842), (595, 841), (594, 841), (596, 842)}


PAPER = 687  # px between the margins of A4: 182 mm at 96 px an inch


def as_printed(page: str) -> str:
    """The page with the rules for paper in force; what scrolls on a screen does not on paper."""
    assert page.count("@media print") == 1
    return page.replace("@media print", "@media all").replace("@page", "@media not all and (color)")


@pytest.mark.parametrize("shop", [False, True], ids=["service", "shop"])
def test_nothing_is_wider_than_the_paper(shop, tmp_path):
    """Else the browser would print all pages smaller, or cut tables off."""
    page = of_a_shop(tmp_path) if shop else write(comparison(seeds=4), tmp_path / "out").read_text(encoding="utf-8")
    seen = look(as_printed(page), tmp_path, PAPER)[PAPER]
    assert seen["page"] <= PAPER
    assert seen["wide"] == []
    assert seen["cut"] == []
    assert seen["letters"] >= 6.0, "px, of figures two to a row"
