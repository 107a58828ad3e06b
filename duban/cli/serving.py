"""serve: one command for the whole service, in the foreground, until Ctrl-C or SIGTERM."""

import sys
from dataclasses import replace
from functools import partial
from typing import TextIO

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="端口；不给则按 service.yaml，默认 4200。")
def serve(port: int | None) -> None:
    """常驻服务：按时日常运行、投递，提供管理页面；按 Ctrl-C 停止。"""
    from config.service import load_service
    from flows.office import open_office
    from flows.serving.service import serve as serve_office

    with open_office() as office:
        service = load_service(office.settings.service)
        if port is not None:
            service = replace(service, port=port)
        serve_office(office, service, partial(_tell, sys.stdout))


def _tell(terminal: TextIO, line: str) -> None:
    """A line at once, also into a pipe; `terminal` is where it goes while Prefect's chatter goes elsewhere."""
    click.echo(line, file=terminal)
