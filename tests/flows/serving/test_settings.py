"""What the environment of an embedded service says, whatever it said before."""

import os
from pathlib import Path

from flows.serving.settings import FOREIGN, prepare_service, set_aside

HOME = Path("/srv/of/an/office")


def test_the_service_keeps_to_its_home_and_to_this_machine() -> None:
    env: dict[str, str] = {}
    assert prepare_service(HOME, 4321, env) == "http://127.0.0.1:4321/api"
    assert (env["PREFECT_API_URL"], env["PREFECT_UI_API_URL"]) == ("http://127.0.0.1:4321/api",) * 2
    assert (env["PREFECT_HOME"], env["DUBAN_HOME"]) == (str(HOME / "prefect"), str(HOME))
    assert env["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4321,http://localhost:4321"
    assert env["PREFECT_SERVER_UI_V2_ENABLED"] == "false"
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")
    assert env["DUBAN_SERVICE_PID"] == str(os.getpid())


def test_telemetry_stays_off_even_where_the_environment_turns_it_on() -> None:
    env = {"PREFECT_SERVER_ANALYTICS_ENABLED": "true", "DO_NOT_TRACK": "0"}
    prepare_service(HOME, 4321, env)
    assert (env["PREFECT_SERVER_ANALYTICS_ENABLED"], env["DO_NOT_TRACK"]) == ("false", "1")


def test_other_servers_and_databases_are_put_aside_and_named() -> None:
    env = {"PREFECT_API_URL": "http://elsewhere/api", "PREFECT_PROFILE": "", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    assert set_aside(env) == ("PREFECT_API_URL",)
    assert env == {"PREFECT_LOGGING_LEVEL": "DEBUG"}
    assert {"PREFECT_API_URL", "PREFECT_HOME", "PREFECT_API_DATABASE_CONNECTION_URL"} <= set(FOREIGN)


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
