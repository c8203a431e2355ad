"""The checkout itself: what no linter looks at. `make check` runs these too."""

import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = {
    "requirements.lock": (),
    "requirements-dev.lock": ("dev",),
}
LONGEST_FILE = 400
REGISTRY_HOSTS = re.compile(
    r"py[p]i\.org|pythonhoste[d]\.org|registry\.np[m]js\.org|-index-ur[l]\b|--find-link[s]\b|artifactor[y]|/simpl[e]/"
)
VARIABLE = re.compile(r"""(?:environ(?:\.get|\.pop)?[\[(]|flag\()\s*["']([A-Z][A-Z_]+)["']""")
GIVEN_BY_OTHERS = {"PATH", "PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}


def kept_files() -> list[Path]:
    """The files of the checkout, committed or about to be; what git ignores is not among them."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def pins(lock: str) -> dict[str, Version]:
    """The version of each package in a lock, by its normal name."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def asked_for(groups: tuple[str, ...]) -> list[Requirement]:
    """What `pyproject.toml` asks for, with these dependency groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = list(project["project"]["dependencies"])
    for group in groups:
        lines += project["dependency-groups"][group]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_lock_holds_what_pyproject_asks_for(lock: str):
    pinned = pins(lock)
    for requirement in asked_for(LOCKS[lock]):
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{lock} lacks {name}: run `make lock`"
        assert pinned[name] in requirement.specifier, f"{lock} pins {name} {pinned[name]}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_each_lock_holds_nothing_that_pyproject_no_longer_asks_for(lock: str):
    asked = {canonicalize_name(requirement.name) for requirement in asked_for(LOCKS[lock])}
    entries = re.split(r"^(?=[A-Za-z0-9])", (ROOT / lock).read_text(), flags=re.MULTILINE)
    direct = {canonicalize_name(entry.split("==")[0]) for entry in entries if "pyproject.toml" in entry}
    assert direct == asked, "run `make lock`"


def test_both_locks_pin_the_same_versions():
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_every_pin_has_hashes_and_no_lock_names_an_address():
    for lock in (*LOCKS, "requirements-uv.lock"):
        text = (ROOT / lock).read_text()
        assert "://" not in text
        for entry in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in entry


def test_what_is_installed_is_what_is_locked():
    for name, version in pins("requirements-dev.lock").items():
        try:
            installed = distribution(name).version
        except PackageNotFoundError:  # for another platform
            continue
        assert Version(installed) == version


def test_no_file_names_a_package_registry():
    named = []
    for path in kept_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        named += [f"{path.relative_to(ROOT)}: {found.group()}" for found in REGISTRY_HOSTS.finditer(text)]
    assert named == []


def test_no_source_file_is_longer_than_one_can_hold_in_mind():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in kept_files()
        if path.suffix in {".py", ".html", ".css"} and "migrations" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_variable_that_is_read_is_in_the_example_and_no_other():
    read: set[str] = set()
    for path in kept_files():
        if path.suffix == ".py" and path.name != "test_tree.py":
            read |= set(VARIABLE.findall(path.read_text()))
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed == read - GIVEN_BY_OTHERS


@pytest.mark.parametrize(
    "document", [Path("README.md"), *(path.relative_to(ROOT) for path in sorted(ROOT.glob("docs/**/*.md")))]
)
def test_every_link_in_the_documents_leads_somewhere(document: Path):
    targets = re.findall(r"\]\(([^)\s]+)\)", (ROOT / document).read_text())
    here = {target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")}
    assert [target for target in sorted(here) if not (ROOT / document.parent / target).exists()] == []


def test_the_readme_shows_rows_of_the_sample_as_they_are():
    readme = (ROOT / "README.md").read_text().splitlines()
    first = (ROOT / "docs" / "examples" / "schedule.csv").read_text().splitlines()[:4]
    assert [line.strip() for line in readme if line.strip() in first] == first


@pytest.mark.parametrize("home", ["/nonexistent", ""])
def test_without_a_home_to_write_to_the_caches_stay_in_the_checkout(home: str):
    make = shutil.which("make") or pytest.fail("make is not installed")
    environ = {"PATH": os.environ["PATH"]} | ({"HOME": home} if home else {})
    told = subprocess.run([make, "-pn", "help"], cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert re.search(r"^export UV_CACHE_DIR|^UV_CACHE_DIR = .*/\.tools/cache/uv$", told.stdout, re.MULTILINE)
