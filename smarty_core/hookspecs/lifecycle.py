"""Hooks around the life of a server process and its periodic commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smarty_core.contracts.events import ManagementCommandError, ManagementCommandSuccess
from smarty_core.hookspecs.markers import notify

if TYPE_CHECKING:
    from smarty_core.api.host import Host


@notify()
def server_started(host: Host) -> None:
    """This process is about to accept requests; everything is built.

    Called once in every process that serves, by a thread of the plugin's own, before the first request and outside any
    transaction. The start waits for it, within a time limit, so long work belongs into a job. An exception is logged
    and the server starts all the same. Not durable.
    """


@notify()
def server_stopping(host: Host) -> None:
    """This process accepts no more requests and will end; let go of what you hold.

    Called once by a thread of the plugin's own, after the last request; the end waits for it, within a time limit. Not
    called after a crash. An exception is logged.
    """


@notify()
def management_command_success(host: Host, event: ManagementCommandSuccess) -> None:
    """A command of `smarty_manage`, or its scheduled run, ended well.

    Told after the command's work is committed, in the process that ran it, by a thread of the plugin's own. An
    exception is logged and does not change the command's exit code. Not durable.
    """


@notify()
def management_command_error(host: Host, event: ManagementCommandError) -> None:
    """A command of `smarty_manage`, or its scheduled run, failed.

    Told after its transaction was rolled back, in the process that ran it, by a thread of the plugin's own. An
    exception is logged. Not durable.
    """
