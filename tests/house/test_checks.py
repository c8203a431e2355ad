"""Production refuses to start without its secrets, whatever starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NEEDED = {
    "SECRET_KEY": "a-key-of-this-test-that-is-longer-than-fifty-characters",
    "DATABASE_URL": "postgresql://milepost@localhost/milepost",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "milepost.example.org",
    "MILEPOST_PUBLIC_URL": "https://milepost.example.org",
}
WEB = [sys.executable, "-m", "gunicorn", "config.wsgi", "--check-config", "--no-control-socket"]
STARTS = {
    "manage.py check": [sys.executable, "manage.py", "check"],
    "gunicorn": WEB,
    "asgi": [sys.executable, "-c", "import config.asgi"],
    "celery worker": [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "solo"],
    "celery beat": [sys.executable, "-m", "celery", "-A", "config", "beat", "--schedule", "{folder}/beat"],
}


def run(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as production with only these variables, besides what any process has."""
    ambient = {"PATH": os.environ["PATH"], "MILEPOST_PRODUCTION": "1"}
    return subprocess.run(
        command, env={**ambient, **environ}, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )


@pytest.mark.parametrize("start", STARTS)
def test_production_does_not_start_without_what_it_needs(start: str, tmp_path: Path):
    ended = run([part.replace("{folder}", str(tmp_path)) for part in STARTS[start]], {})
    assert ended.returncode != 0
    for name in NEEDED:
        assert name in ended.stdout + ended.stderr


@pytest.mark.parametrize("missing", NEEDED)
def test_each_missing_variable_is_named_with_how_to_mend_it(missing: str):
    ended = run(STARTS["manage.py check"], {name: value for name, value in NEEDED.items() if name != missing})
    assert ended.returncode != 0
    assert ": (config.E" in ended.stderr
    assert missing in ended.stderr
    assert "HINT: " in ended.stderr
    assert not [name for name in NEEDED if name != missing and f") {name} " in ended.stderr]


@pytest.mark.parametrize("start", ["manage.py check", "asgi"])
def test_production_starts_with_all_of_it(start: str):
    ended = run(STARTS[start], NEEDED)
    assert ended.returncode == 0, ended.stderr


def test_the_published_development_key_is_refused():
    ended = run(STARTS["manage.py check"], {**NEEDED, "SECRET_KEY": "development-only-key-that-production-refuses"})
    assert ended.returncode != 0
    assert "SECRET_KEY" in ended.stderr


def test_development_needs_nothing():
    ended = run(STARTS["manage.py check"], {"MILEPOST_PRODUCTION": ""})
    assert ended.returncode == 0, ended.stderr


def test_a_real_database_with_the_published_key_is_warned_of_and_starts():
    database = {"MILEPOST_PRODUCTION": "", "DATABASE_URL": NEEDED["DATABASE_URL"]}
    ended = run(STARTS["manage.py check"], database)
    assert ended.returncode == 0, ended.stderr
    assert "config.W001" in ended.stderr
    assert "MILEPOST_PRODUCTION=1" in ended.stderr
    assert run(WEB, database).returncode == 0
    assert "config.W001" not in run(STARTS["manage.py check"], {**database, "SECRET_KEY": NEEDED["SECRET_KEY"]}).stderr
