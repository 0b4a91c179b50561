"""Settings: what the environment may say, and what is told when it says something unusable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from web.config import Settings, SettingsError

KEY = {"SAANPHAEN_SECRET_KEY": "k" * 40}


def test_defaults_need_only_a_secret_key() -> None:
    settings = Settings.from_env(KEY)

    assert settings.session_idle == dt.timedelta(minutes=90)
    assert settings.database_url.startswith("sqlite:///")


def test_every_problem_is_told_at_once_and_no_secret_with_it() -> None:
    environment = {
        "SAANPHAEN_PORT": "x",
        "SAANPHAEN_DEMO": "maybe",
        "SAANPHAEN_COLOUR": "red",
        "SAANPHAEN_SECRET_KEY": "short",
    }

    with pytest.raises(SettingsError) as told:
        Settings.from_env(environment)

    text = str(told.value)
    assert all(name in text for name in ("SAANPHAEN_PORT", "SAANPHAEN_DEMO", "SAANPHAEN_COLOUR"))
    assert "short" not in text


@pytest.mark.parametrize("key", ["", "short"])
def test_a_weak_secret_key_is_refused_outside_the_demo(key: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.from_env({"SAANPHAEN_SECRET_KEY": key})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.go.th", "::"])
def test_the_demo_is_served_to_this_machine_only(host: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        Settings.from_env({"SAANPHAEN_DEMO": "1", "SAANPHAEN_HOST": host, "SAANPHAEN_DATA_DIR": str(tmp_path)})


def test_the_demos_own_key_is_made_once_and_kept(tmp_path: Path) -> None:
    environment = {"SAANPHAEN_DEMO": "1", "SAANPHAEN_DATA_DIR": str(tmp_path)}

    first, second = Settings.from_env(environment), Settings.from_env(environment)

    assert first.secret_key == second.secret_key
    assert (tmp_path / "demo-secret-key").stat().st_mode & 0o077 == 0


def test_the_database_may_be_named_as_hosters_do() -> None:
    assert Settings.from_env({**KEY, "DATABASE_URL": "postgresql://x"}).database_url == "postgresql://x"
    both = {**KEY, "DATABASE_URL": "postgresql://x", "SAANPHAEN_DATABASE_URL": "sqlite:///y"}
    assert Settings.from_env(both).database_url == "sqlite:///y"


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("UPLOAD_TYPES", "pdf,exe"),
        ("UPLOAD_TYPES", ""),
        ("UPLOAD_FILES", "0"),
        ("PLAN_QUOTA", "1 GB"),
        ("VIRUS_SCANNER", "clamd"),
        ("VIRUS_SCANNER", "tcp://127.0.0.1:99999"),
        ("VIRUS_SCANNER", "http://127.0.0.1:3310"),
    ],
)
def test_settings_of_uploads_are_checked_at_the_start(variable: str, wrong: str) -> None:
    with pytest.raises(SettingsError, match=f"SAANPHAEN_{variable}"):
        Settings.from_env({"SAANPHAEN_SECRET_KEY": "k" * 40, f"SAANPHAEN_{variable}": wrong})


def test_kinds_and_scanner_are_read() -> None:
    chosen = Settings.from_env(
        {
            "SAANPHAEN_SECRET_KEY": "k" * 40,
            "SAANPHAEN_UPLOAD_TYPES": "PDF, odt",
            "SAANPHAEN_VIRUS_SCANNER": "tcp://[::1]:3310",
        }
    )

    assert chosen.upload_types == ("pdf", "odt")
    assert chosen.virus_scanner == "tcp://[::1]:3310"
