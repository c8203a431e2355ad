"""Publishing: a version is written once, and read back as what it says."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from pathway.actions.protocols import PublishError, publish_protocol
from pathway.models import ProtocolVersion
from pathway.protocol_file import ProtocolError, load, read_shipped
from pathway.queries.protocols import latest_version, protocol_of

NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 6, 12, tzinfo=UTC)
MILD = read_shipped("mild")
SECOND = MILD.replace('version = "3"', 'version = "4"', 1)

pytestmark = pytest.mark.django_db


def test_publishing_the_same_text_again_gives_the_same_row():
    first = publish_protocol(source=MILD, by=None, now=NOW)
    again = publish_protocol(source=MILD, by=None, now=LATER)
    assert (again.pk, again.published_at) == (first.pk, NOW)
    assert ProtocolVersion.objects.count() == 1


def test_another_text_under_the_same_version_is_refused():
    publish_protocol(source=MILD, by=None, now=NOW)
    with pytest.raises(PublishError, match="count the version up"):
        publish_protocol(source=MILD + "\n# changed\n", by=None, now=NOW)


def test_a_text_with_findings_is_not_published():
    with pytest.raises(ProtocolError):
        publish_protocol(source=MILD.replace("daily_cap = 1", "daily_cap = 0"), by=None, now=NOW)
    assert not ProtocolVersion.objects.exists()


def test_the_latest_version_is_the_one_published_last():
    assert latest_version("mild") is None
    publish_protocol(source=MILD, by=None, now=NOW)
    second = publish_protocol(source=SECOND, by=None, now=LATER)
    assert latest_version("mild") == second


def test_a_published_version_is_read_back_and_parsed_once():
    version = publish_protocol(source=MILD, by=None, now=NOW)
    assert protocol_of(version) == load(MILD, name="mild.toml")
    assert protocol_of(ProtocolVersion.objects.get(pk=version.pk)) is protocol_of(version)


def test_the_command_publishes_a_file_and_refuses_to_change_it(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    path.write_text(MILD)
    call_command("protocol", "publish", str(path))
    assert "published as mild 3" in capsys.readouterr().out
    path.write_text(MILD + "\n# changed\n")
    with pytest.raises(CommandError, match="count the version up"):
        call_command("protocol", "publish", str(path))
