"""Outputs in the documentation are made, not typed.

    python docs/refresh.py           writes the output of every marked command into its place
    python docs/refresh.py --check   exit code 1 and a list where a page no longer says what the command says

A marked command stands in a comment `output: COMMAND`; its output goes into the fenced block that follows.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = re.compile(r"<!-- output: (?P<command>[^\n]+) -->\n```text\n(?P<output>.*?)```\n<!-- end -->", re.DOTALL)


def pages() -> list[Path]:
    """Every page that may hold marked commands."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def output(command: str) -> str:
    """What the command prints on standard output, run in the root of the checkout."""
    words = shlex.split(command)
    if words[0] == "omnisim":
        words = [sys.executable, "-m", "omnisim", *words[1:]]
    elif words[0] == "python":
        words[0] = sys.executable
    found = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    return "\n".join(line.rstrip() for line in found.stdout.splitlines()) + "\n"


def refreshed(text: str) -> str:
    """A page with all its outputs made anew."""
    return MARK.sub(lambda m: f"<!-- output: {m['command']} -->\n```text\n{output(m['command'])}```\n<!-- end -->", text)


def main() -> int:
    """Refresh, or with --check compare."""
    stale = []
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = refreshed(old)
        if new != old:
            stale.append(page.relative_to(ROOT).as_posix())
            if "--check" not in sys.argv:
                page.write_text(new, encoding="utf-8")
    verb = "stale" if "--check" in sys.argv else "refreshed"
    print("\n".join(f"{verb}: {name}" for name in stale) or "every page says what its commands say")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
