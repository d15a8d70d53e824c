import orjson
from tests.contracts.test_seam import *
async def test_dbg(store_url, tmp_path):
    async with open_house(store_url, tmp_path) as home:
        rep = home.person("李雷")
        await rep.says("帮助")
        payload = orjson.dumps({"name": "admin_code", "args": {"digest": digest("7K2M-9PQR"), "by": "cli:test"}})
        await home.bot.intake.accept(event(1, "in:order:admin_code", payload=payload))
        await home.quiet()
        print(rows(home.bot.store,"select * from admin_codes"), rows(home.bot.store,"select kind,state,error from inbox"))
        await rep.says("我是管理员 7K2M-9PQR")
        print(await rep.last())
        await rep.says("录单 华东医疗器材 CT机 50万")
        print(await rep.last())
        print(rows(home.bot.store,"select * from peeks"))
