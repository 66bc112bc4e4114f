"""`smarty_manage createsuperuser` and `create_user`: who may sign in to the panels."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Final

import typer

from smarty_core.app import System
from smarty_core.cli.options import SettingsOption
from smarty_core.cli.system import open_system
from smarty_core.services.commands import run_command
from smarty_core.services.users import SAFE_PASSWORD, Users
from smarty_core.values import MAX_ID

PASSWORD_VARIABLE: Final = "SMARTY_SUPERUSER_PASSWORD"  # noqa: S105 - a name, not a password
NO: Final = "False"
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _flag(option: str, text: str) -> bool:
    """`--is_admin=True` as the old command line writes it."""
    try:
        return _FLAGS[text.strip().lower()]
    except KeyError:
        raise typer.BadParameter("True or False", param_hint=option) from None


def createsuperuser(
    *,
    username: Annotated[str, typer.Option("--username", help="Asked for when it is missing.")] = "",
    password: Annotated[str, typer.Option("--password", help="Asked for when it is missing.")] = "",
    email: Annotated[str, typer.Option("--email", help="Where he is written to.")] = "",
    noinput: Annotated[
        bool, typer.Option("--noinput", help=f"Ask nothing; the password is in {PASSWORD_VARIABLE}.")
    ] = False,
    settings: SettingsOption = "",
) -> None:
    """Create an administrator of the whole installation."""
    password = password or (os.environ.get(PASSWORD_VARIABLE, "") if noinput else "")
    if noinput and not (username and password):
        print(f"--noinput needs --username and the password in {PASSWORD_VARIABLE}", file=sys.stderr)
        raise typer.Exit(2)
    with open_system(settings) as system:
        name = username or typer.prompt("Username")
        secret = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)

        def work() -> None:
            number = _users(system).create(name, secret, email=email, is_admin=True, is_superuser=True)
            print(f"superuser {name} was created (id {number})")
            _warn(secret)

        raise typer.Exit(run_command(system, "createsuperuser", work))


def create_user(
    *,
    username: Annotated[str, typer.Option("--username", help="Name to sign in with.")],
    password: Annotated[str, typer.Option("--password", help="Password to sign in with.")],
    is_admin: Annotated[str, typer.Option("--is_admin", help="Staff of the installation.")] = "False",
    client_id: Annotated[
        int | None, typer.Option("--client_id", min=1, max=MAX_ID, help="Staff of this operator.")
    ] = None,
    is_superuser: Annotated[str, typer.Option("--is_superuser", help="May do everything.")] = "False",
    monitoring_user: Annotated[str, typer.Option("--monitoring_user", help="May see monitoring only.")] = "False",
    reset_password: Annotated[
        str, typer.Option("--reset_password", help="Only give a user that exists this password.")
    ] = NO,
    settings: SettingsOption = "",
) -> None:
    """Create a user of the panels, or give one another password. Flags are written as `--is_admin=True`."""
    admin, superuser = _flag("--is_admin", is_admin), _flag("--is_superuser", is_superuser)
    monitoring = _flag("--monitoring_user", monitoring_user)
    only_password = _flag("--reset_password", reset_password)
    with open_system(settings) as system:

        def work() -> None:
            if only_password:
                _users(system).reset_password(username, password)
                print(f"the password of {username} was changed")
                _warn(password)
                return
            number = _users(system).create(
                username,
                password,
                client_id=client_id,
                is_admin=admin,
                is_superuser=superuser,
                is_monitoring=monitoring,
            )
            print(f"user {username} was created (id {number})")
            _warn(password)

        raise typer.Exit(run_command(system, "create_user", work))


def _users(system: System) -> Users:
    return Users(database=system.database, vault=system.vault)


def _warn(password: str) -> None:
    if len(password) < SAFE_PASSWORD:
        print(f"the password has fewer than {SAFE_PASSWORD} characters and can be guessed", file=sys.stderr)
