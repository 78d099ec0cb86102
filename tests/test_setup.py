"""The checkout sets itself up from pinned, hashed files that name no host, and says nothing untrue about its own name."""

import pathlib
import re
import subprocess
import tomllib

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCKS = ["run", "dev"]


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pins(lock: str) -> dict[str, set[str]]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;]+)", text, flags=re.M):
        pins.setdefault(_plain(name), set()).add(version)
    return pins


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=~!\[; ]", name)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_requirement_file_names_no_host_and_hashes_every_pin(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|^-|@ ", text, flags=re.M)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert blocks
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_locks_hold_what_pyproject_asks_for_and_agree() -> None:
    project, run, dev = _project()["project"], _pins("run"), _pins("dev")
    asked = {_plain(r) for r in project["dependencies"]}
    assert asked | {"hatchling", "editables"} <= run.keys()
    assert asked | {_plain(r) for r in project["optional-dependencies"]["dev"]} <= dev.keys()
    assert all(dev[name] == versions for name, versions in run.items())


def test_every_dependency_says_which_module_needs_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, flags=re.M | re.S)
    assert block
    for line in block[1].splitlines():
        assert re.fullmatch(r'  "[^"]+", +# [a-z_/]+(, [a-z_/]+)*: .+', line), line


def test_cannot_be_uploaded_and_never_tells_anyone_to_install_a_strangers_package() -> None:
    assert "Private :: Do Not Upload" in _project()["project"]["classifiers"]
    wrong = re.compile(r"pip install (?:-\w+ )*[\"']?omni" + "sim")
    files = [p for suffix in ("*.md", "*.toml", "*.yaml", "Makefile") for p in ROOT.glob(suffix)] + list(ROOT.glob("docs/**/*.md"))
    assert not [str(p) for p in files if wrong.search(p.read_text(encoding="utf-8"))]


def test_ci_runs_what_the_readme_names() -> None:
    commands = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {"make test", "make lint", "set -eu"} <= set(commands)
    readme = ROOT / "README.md"
    if readme.exists():
        assert "make test" in readme.read_text(encoding="utf-8")
        assert "make demo" in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["demo", "reports", "test", "long", "crash", "lint", "bench", "clean"])
def test_make_knows_the_target(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("script", [".ci/install", ".ci/run"])
def test_scripts_are_executable_and_parse(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    shell = "bash" if "bash" in (ROOT / script).read_text(encoding="utf-8").splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", script], cwd=ROOT, check=False).returncode == 0
