"""What the environment of an embedded service says, whatever it said before."""

from pathlib import Path

import pytest

from flows.serving.environment import STAYS, prepare_service, set_aside
from models.store.owners import this_process

HOME = Path("/srv/of/an/office")


def test_the_service_keeps_to_its_home_and_to_this_machine() -> None:
    env: dict[str, str] = {}
    assert prepare_service(HOME, 4321, env) == "http://127.0.0.1:4321/api"
    assert (env["PREFECT_API_URL"], env["PREFECT_UI_API_URL"]) == ("http://127.0.0.1:4321/api",) * 2
    assert (env["PREFECT_HOME"], env["DUBAN_HOME"]) == (str(HOME / "prefect"), str(HOME))
    assert env["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4321,http://localhost:4321"
    assert env["PREFECT_SERVER_UI_V2_ENABLED"] == "false"
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")
    assert env["DUBAN_SERVICE"] == this_process()


def test_telemetry_stays_off_even_where_the_environment_turns_it_on() -> None:
    env = {"PREFECT_SERVER_ANALYTICS_ENABLED": "true", "DO_NOT_TRACK": "0"}
    prepare_service(HOME, 4321, env)
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")


def test_other_servers_and_databases_are_put_aside_and_named() -> None:
    env = {"PREFECT_PROFILE": "mine", "PREFECT_HOME": "", "PREFECT_API_URL": "http://elsewhere/api", "PATH": "/bin"}
    assert set_aside(env) == ("PREFECT_API_URL", "PREFECT_PROFILE")
    assert env == {"PATH": "/bin"}


@pytest.mark.parametrize(
    "name",
    [
        "PREFECT_SERVER_DATABASE_DRIVER",
        "PREFECT_SERVER_DATABASE_HOST",
        "PREFECT_SERVER_DATABASE_NAME",
        "PREFECT_API_DATABASE_CONNECTION_URL",
        "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED",
        "PREFECT_API_SERVICES_SCHEDULER_ENABLED",
        "PREFECT_SERVER_API_AUTH_STRING",
        "PREFECT_API_KEY",
        "prefect_api_url",
    ],
)
def test_no_setting_of_prefect_reaches_the_service(name: str) -> None:
    """Nor one that would be read in small letters."""
    env = {name: "x"}
    assert set_aside(env) == (name,)
    assert env == {}


@pytest.mark.parametrize("name", STAYS)
def test_how_much_is_logged_is_the_users_choice(name: str) -> None:
    env = {name: "DEBUG"}
    assert set_aside(env) == ()
    prepare_service(HOME, 4321, env)
    assert env[name] == "DEBUG"


def test_a_choice_left_empty_is_none() -> None:
    env = {"PREFECT_LOGGING_LEVEL": ""}
    set_aside(env)
    prepare_service(HOME, 4321, env)
    assert env["PREFECT_LOGGING_LEVEL"] == "INFO"


def test_prefect_knows_every_setting_by_these_names() -> None:
    """A misspelt variable would be passed over in silence."""
    from prefect.settings import Settings
    from prefect.settings.models.root import Settings as Root

    env: dict[str, str] = {}
    prepare_service(HOME, 4321, env)
    assert Settings is Root
    known = {name.upper() for name in _names(Root)}
    assert {name for name in env if name.startswith("PREFECT_")} <= known


def _names(model: object, prefix: str = "prefect_") -> set[str]:
    """Every environment variable that this part of Prefect's settings reads."""
    found = set()
    for name, field in getattr(model, "model_fields").items():  # noqa: B009
        choices = getattr(field.validation_alias, "choices", ())
        found |= {choice for choice in choices if isinstance(choice, str)} | {f"{prefix}{name}"}
        if hasattr(field.annotation, "model_fields"):
            found |= _names(field.annotation, f"{prefix}{name}_")
    return found
