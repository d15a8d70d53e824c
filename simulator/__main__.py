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

HOST = "127.0.0.1"


def parse_args(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    defaults = Options()
    parser = argparse.ArgumentParser(prog="python -m simulator", description="本地模拟，与平台厂商无关")
    parser.add_argument("--port", type=int, default=8090, help="端口，0 为任选（默认 8090）")
    parser.add_argument("--control", help="助手的管理端口地址，如 http://127.0.0.1:8081，用来一起拨时钟")
    parser.add_argument("--callback", default=defaults.callback, help=f"助手的回调地址（默认 {defaults.callback}）")
    parser.add_argument("--company", type=Path, default=COMPANY_FILE, help="公司文件")
    parser.add_argument("--retry-scale", type=float, default=1.0, help="重送等待时间除以这个数（默认 1）")
    parser.add_argument("--gallery", help="卡片样张页的地址")
    args = parser.parse_args(argv)
    if args.retry_scale <= 0:
        parser.error("--retry-scale 要大于 0")
    return args


async def serve(args: argparse.Namespace) -> None:
    """Serve until a signal ends it."""
    options = Options(
        callback=args.callback,
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
