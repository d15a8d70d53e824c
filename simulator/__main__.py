"""`python -m simulator`: serves on 127.0.0.1 and prints its URL when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from simulator.app import make_app
from simulator.options import COMPANY_FILE, Options
from simulator.vendors import MAKERS

HOST = "127.0.0.1"
BASE = Options().callback_base
MODES = ("webhook", "socket", "both")


def parse_args(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description="本地模拟，与平台厂商无关")
    parser.add_argument("--port", type=int, default=8090, help="端口，0 为任选（默认 8090）")
    parser.add_argument("--control", help="助手的管理端口地址，如 http://127.0.0.1:8081，用来一起拨时钟")
    parser.add_argument("--vendors", type=_vendors, help="模拟哪些平台，逗号隔开（默认全部，只给 --callback 时是飞书）")
    parser.add_argument("--callback-base", default=BASE, help=f"助手的地址，往它的 /callback/ 下送（默认 {BASE}）")
    parser.add_argument("--callback", default="", help="飞书的回调地址，不在 --callback-base 下时用")
    parser.add_argument("--mode", type=_mode, action="append", default=[], help="如 feishu=socket：不推送，走长连接")
    parser.add_argument("--company", type=Path, default=COMPANY_FILE, help="公司文件")
    parser.add_argument("--retry-scale", type=float, default=1.0, help="重送等待时间除以这个数（默认 1）")
    parser.add_argument("--gallery", help="卡片样张页的地址")
    args = parser.parse_args(argv)
    if args.retry_scale <= 0:
        parser.error("--retry-scale 要大于 0")
    args.vendors = args.vendors or (("feishu",) if args.callback else tuple(MAKERS))
    return args


def _vendors(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    unknown = [name for name in names if name not in MAKERS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"没有这个平台：{'、'.join(unknown)}，有：{'、'.join(MAKERS)}")
    return names


def _mode(text: str) -> tuple[str, str]:
    vendor, _, mode = text.partition("=")
    if vendor not in MAKERS or mode not in MODES:
        raise argparse.ArgumentTypeError(f"要写成 平台=方式，方式有：{'、'.join(MODES)}")
    return vendor, mode


async def serve(args: argparse.Namespace) -> None:
    """Serve until a signal ends it."""
    options = Options(
        callback=args.callback,
        callback_base=args.callback_base,
        vendors=args.vendors,
        modes=dict(args.mode),
        control=args.control,
        company=args.company,
        retry_scale=args.retry_scale,
        gallery=args.gallery,
        verify_on_start=True,
    )
    runner = web.AppRunner(make_app(options), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        stop = _on_signal()
        site = web.TCPSite(runner, HOST, args.port)
        await site.start()
        port = runner.addresses[0][1]
        sys.stdout.write(f"模拟器已就绪：http://{HOST}:{port}/\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def _on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


def main() -> int:
    """Run; a port in use is told in one line."""
    args = parse_args(sys.argv[1:])
    try:
        asyncio.run(serve(args))
    except OSError as error:
        sys.stderr.write(f"模拟器没有启动：{error}。换一个端口：--port 8091\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
