"""Why a service stopped serving, how that is called in Chinese, and what follows from it. No Prefect here."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from models.errors import DubanError


class Ending(StrEnum):
    """Why serving ended; its value is what people are told."""

    STOPPED = "已停止"
    NOT_STARTED = "服务没有启动起来"
    SERVER_FAILED = "Prefect 服务进程意外退出"
    RUNNER_FAILED = "Prefect 服务没有按要求应答"
    WATCH_FAILED = "服务的后台检查意外中断"


class Next(Enum):
    """What is done after serving ended."""

    STOP = auto()
    AGAIN = auto()
    GIVE_UP = auto()


@dataclass(frozen=True, slots=True)
class Ended:
    """How one start ended. `served_s`: for how long it had been ready when the end was seen, None where it never was.

    `refusal`: what stood in the way of a start, where that is known.
    """

    ending: Ending
    served_s: float | None = None
    refusal: DubanError | None = None

    @property
    def zh(self) -> str:
        return self.refusal.zh.removesuffix("。") if self.refusal else self.ending


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently a service is started again.

    One that fails sooner than `steady_s` after it was ready would only fail again. A start anew that does not even
    become ready is tried `retries` times more, `pause_s` apart: what stands in its way may pass.
    """

    steady_s: float = 30.0
    retries: int = 5
    pause_s: float = 10.0


USUAL = Pace()


def next_step(ending: Ending, served_s: float | None, retries: int, steady_s: float) -> Next:
    """What follows. `retries`: how many more starts may fail; none before the service has ever been steady."""
    if ending is Ending.STOPPED:
        return Next.STOP
    if served_s is None:
        return Next.AGAIN if retries > 0 else Next.GIVE_UP
    return Next.AGAIN if served_s > steady_s else Next.GIVE_UP
