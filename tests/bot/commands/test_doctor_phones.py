"""What `doctor` says about numbers that another key file sealed. R-PRIV, R-ADM-4."""

from __future__ import annotations

from pathlib import Path

from bot.keys import load_keys
from sales.leads import Lead
from storage.engine import Store
from storage.secrets import Secrets
from tests.bot.commands.conftest import Line
from tests.support.facts import customer, keep, member


def test_doctor_says_that_the_key_file_is_another_one_and_what_to_do_r_priv(both: tuple[Line, Store]) -> None:
    dealdesk, store = both
    key_file = Path(dealdesk.folder) / "data" / "key"
    secrets = Secrets(load_keys(key_file).derived("secrets"))
    keep(store, Lead(1, phone=secrets.seal("13800000001")), Lead(2, phone=secrets.seal("13800000002")), Lead(3))
    keep(store, member(mobile=secrets.seal("13800000005"), mobile_key="x"), customer(phone=secrets.seal("0571888")))

    whole = dealdesk("doctor", code=1).output
    key_file.unlink()
    keep(store, Lead(4, phone=Secrets(load_keys(key_file).derived("secrets")).seal("13800000004")))
    other = dealdesk("doctor", code=1).output

    assert "✓ 号码：4 个，都打得开" in whole
    assert "✗ 号码：4 个打不开，共 5 个\n    密钥文件换过：把原来那份放回 DEALDESK_KEY_FILE。" in other
    assert "1380000" not in other
