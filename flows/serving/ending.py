"""Why a service stopped serving, and how that is called in Chinese. No Prefect here."""

from enum import StrEnum


class Ending(StrEnum):
    """Why serving ended; its value is what people are told."""

    STOPPED = "已停止"
    SERVER_FAILED = "Prefect 服务进程意外退出"
    RUNNER_FAILED = "Prefect 服务没有按要求应答"
