"""verify: recomputes the record and the evidence, alone or against an anchor that was kept elsewhere."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duban.cli.options import FILE, json_option
from duban.cli.output import print_json

if TYPE_CHECKING:
    from models.answers.verify import Anchor


@click.command()
@click.option("--anchor", type=FILE, default=None, help="与另存的锚点文件核对，可发现末尾被截去。")
@click.option("--save-anchor", type=FILE, default=None, help="核对无误后，把当前锚点另存为文件，请存放在别处。")
@json_option
def verify(anchor: Path | None, save_anchor: Path | None, as_json: bool) -> int:
    """核对流转记录和佐证材料：有改动、缺失或断链则列出，退出码为1。"""
    from flows.office import open_office
    from models.answers.verify import anchor_of, faults

    kept = _read(anchor) if anchor else None
    with open_office() as office, office.store.reading() as connection:
        found = [fault.what for fault in faults(connection, office.settings.evidence, kept)]
        now = anchor_of(connection)
    if save_anchor and not found:
        save_anchor.write_text(json.dumps({"seq": now.seq, "hash": now.hash}) + "\n", encoding="utf-8")
    if as_json:
        print_json({"sound": not found, "faults": found, "seq": now.seq, "hash": now.hash})
        return 1 if found else 0
    for what in found:
        click.echo(what)
    if found:
        click.echo(f"共{len(found)}处不符。请保留现场、查明原因，必要时从备份恢复。")
        return 1
    click.echo(f"核对无误：流转记录{now.seq}条，最后一条的校验值 {now.hash}。")
    return 0


def _read(path: Path) -> "Anchor":
    from models.answers.verify import Anchor
    from models.errors import UsageRefused

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Anchor(int(found["seq"]), str(found["hash"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageRefused(
            f"锚点文件“{path}”不存在或读不懂。", "请给出用 duban verify --save-anchor 存下的文件。"
        ) from error
