"""A config's file, as the page names it."""

from pathlib import Path

import pytest

from alignscape.plan.launch import shown_path


def test_a_config_elsewhere_is_shown_by_its_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is passed on names no folder of the machine that made it; absolute or not, one file has one name."""
    monkeypatch.chdir(tmp_path)
    assert shown_path("/some/where/my.yaml") == "my.yaml"
    assert shown_path(str(tmp_path / "config" / "my.yaml")) == shown_path("config/my.yaml") == "config/my.yaml"
