"""打开, 传文件 and the button that opens a page: whose link, about what, and where it is sent. R-LINK."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards.link import show
from handlers import router
from handlers.events import Clicked, Event, MenuPicked, Said
from sales.conversations import Conversation
from sales.decision import Decision, Notice, Reply, Urgency
from sales.links import FORM, UPLOAD, Link
from sales.people import Account, Member
from storage.engine import Store
from storage.inbox import Inbound
from storage.pages import Pages
from storage.types import to_us
from tests.support.facts import NOW, keep, tx_of
from tests.support.gates import BOSS, REP, STRANGER, fill, gate_deal

PAGES = Pages("https://sales.example.com", b"k" * 32)
HOME = Account("feishu:ou_m03", "feishu", "ou_m03", "m03", "oc_1")


@pytest.fixture(autouse=True)
def _public(store: Store) -> None:
    """There is a public address."""
    store.pages = PAGES


def acted(store: Store, event: Event, who: Member = REP, *, chat: str = "oc_1") -> tuple[Reply | None, Decision]:
    inbound = Inbound("e1", "in:x", "message", "feishu", f"ou_{who.id}", chat, b"", to_us(NOW), to_us(NOW), 0)
    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        return router.act(tx, inbound, event, who), tx.decision


def said(text: str, *, direct: bool = True) -> Said:
    return Said("om_1", text, direct, addressed=True)


def links(decision: Decision) -> list[Link]:
    return [each for each in decision.saves if isinstance(each, Link)]


def form(number: int = 12, **more: object) -> Conversation:
    """A form for a deal, on its way in REP's direct chat."""
    given = {"form": "deal", "subject": "", "ask": "customer", "asked_at": NOW, **more}
    return Conversation(id=number, member_id="m03", platform="feishu", chat="oc_1", **given)  # type: ignore[arg-type]


def words(reply: Reply | None) -> str:
    assert reply is not None
    return reply.toast or reply.args["text"]


@pytest.mark.parametrize(
    ("line", "subject"),
    [("传文件", ""), ("传文件 17", "deal:17"), ("传文件#17", "deal:17"), ("打开 传文件 17", "deal:17")],
)
def test_link_for_files_names_person_purpose_and_deal_r_link(store: Store, line: str, subject: str) -> None:
    fill(store)

    reply, decision = acted(store, said(line))

    assert links(decision) == [Link(1, "m03", "feishu", "ou_m03", UPLOAD, subject, NOW)]
    assert reply == Reply(card="link", args={"link": "1"})
    assert [audit.action for audit in decision.audits] == ["link.make"]


@pytest.mark.parametrize(
    ("line", "who"), [("传文件 99", REP), ("传文件 17", STRANGER), ("传文件", replace(REP, roles=("legal",)))]
)
def test_no_link_without_sight_or_role_r_ppl_2_r_ppl_1(store: Store, line: str, who: Member) -> None:
    fill(store)

    reply, decision = acted(store, said(line), who)

    assert "看不了" in words(reply) or "角色" in words(reply)
    assert decision == Decision()


@pytest.mark.parametrize("line", ["打开 17", "打开17", "17 打开"])
def test_number_of_a_deal_shows_the_deal_r_link(store: Store, line: str) -> None:
    fill(store)

    reply, _ = acted(store, said(line))

    assert reply == Reply(card="deal", subject="deal:17")


@pytest.mark.parametrize(("line", "name"), [("打开 录单", "deal"), ("打开 申请", "discount")])
def test_form_is_opened_and_its_page_linked_r_link_r_hold(store: Store, line: str, name: str) -> None:
    fill(store)

    reply, decision = acted(store, said(line))

    [asked] = [each for each in decision.saves if isinstance(each, Conversation)]
    [link] = links(decision)
    assert (asked.form, asked.state) == (name, "open")
    assert (link.purpose, link.subject) == (FORM, f"form:{asked.id}")
    assert reply == Reply(card="link", args={"link": str(link.id)})


def test_form_is_not_linked_for_who_may_not_use_it_r_ppl_1(store: Store) -> None:
    reply, decision = acted(store, said("打开 录单"), replace(REP, roles=("legal",)))

    assert "角色还用不了" in words(reply)
    assert decision == Decision()


def test_command_that_opens_no_form_answers_as_ever(store: Store) -> None:
    fill(store)

    reply, decision = acted(store, said("打开 传凭证 17"))  # two are open: the gate's card asks which

    assert reply == Reply(card="gate", subject="deal:17")
    assert links(decision) == []


def test_ear_for_a_file_is_the_page_for_files_r_hold(store: Store) -> None:
    fill(store)

    _, decision = acted(store, said("打开 传凭证 17 会议纪要"))

    assert [(link.purpose, link.subject) for link in links(decision)] == [(UPLOAD, "requirement:17:3:minutes")]


def test_open_form_is_what_open_alone_means_r_link(store: Store) -> None:
    keep(store, form())

    _, decision = acted(store, said("打开"))

    assert [(link.purpose, link.subject) for link in links(decision)] == [(FORM, "form:12")]


@pytest.mark.parametrize(("purpose", "subject"), [(UPLOAD, ""), (UPLOAD, "deal:17"), (FORM, "form:12")])
def test_open_alone_makes_the_last_link_anew_r_link(store: Store, purpose: str, subject: str) -> None:
    fill(store)
    keep(store, form(state="parked"), Link(7, "m03", "feishu", "ou_m03", purpose, subject, NOW, "b1", NOW))

    _, decision = acted(store, said("打开"))

    assert [(link.purpose, link.subject, link.browser) for link in links(decision)] == [(purpose, subject, "")]


@pytest.mark.parametrize("last", [Link(7, "m03", "feishu", "ou_m03", FORM, "form:12", NOW), None])
def test_open_alone_with_nothing_to_open_says_what_can_be_opened_r_link(store: Store, last: Link | None) -> None:
    if last:
        keep(store, form(state="done"), last)

    reply, decision = acted(store, said("打开"))

    assert "打开 录单" in words(reply)
    assert links(decision) == []


def test_something_else_cannot_be_opened_r_link(store: Store) -> None:
    reply, decision = acted(store, said("打开 天窗"))

    assert words(reply).startswith("打开什么？")
    assert decision == Decision()


@pytest.mark.parametrize(
    ("subject", "purpose"),
    [("", UPLOAD), ("deal:17", UPLOAD), ("requirement:17:3:sheet", UPLOAD), ("form:12", FORM)],
)
def test_button_in_the_direct_chat_is_answered_there_r_link(store: Store, subject: str, purpose: str) -> None:
    fill(store)
    keep(store, HOME, form())

    reply, decision = acted(store, Clicked("om_1", "page.open", subject))

    assert [(link.purpose, link.subject) for link in links(decision)] == [(purpose, subject)]
    assert reply == Reply(card="link", args={"link": "1"}, toast="链接发你了")
    assert decision.notices == ()


@pytest.mark.parametrize("account", [HOME, replace(HOME, chat="")])
def test_button_in_a_group_sends_the_link_to_the_clicker_alone_r_link(store: Store, account: Account) -> None:
    fill(store)
    keep(store, account)

    reply, decision = acted(store, Clicked("om_1", "page.open", "deal:17"), chat="oc_group")

    assert reply == Reply(toast="链接发你单聊了")
    assert decision.notices == (Notice("reply", "member:m03", "link", "", Urgency.ANSWER, "R-LINK", {"link": "1"}),)


def test_word_in_a_group_gets_a_pointer_and_the_link_goes_to_the_person_r_ppl_3(store: Store) -> None:
    fill(store)
    keep(store, HOME)

    reply, decision = acted(store, said("传文件", direct=False), chat="oc_group")

    assert words(reply) == "细节发你单聊了。"
    assert [notice.card for notice in decision.notices] == ["link"]


@pytest.mark.parametrize(
    "subject", ["deal:99", "deal:x", "requirement:99:3:sheet", "form:99", "form:x", "form:12", "lead:3", "🙂"]
)
def test_button_about_what_one_may_not_see_makes_no_link_r_ppl_2(store: Store, subject: str) -> None:
    fill(store)
    keep(store, replace(form(), member_id="m05"))

    reply, decision = acted(store, Clicked("om_1", "page.open", subject))

    assert words(reply)
    assert links(decision) == []


def test_menu_entry_is_the_word_r_link(store: Store) -> None:
    reply, _ = acted(store, MenuPicked("传文件"))

    assert reply == Reply(card="link", args={"link": "1"})


@pytest.mark.parametrize("event", [said("传文件"), said("打开 录单"), said("打开"), Clicked("om_1", "page.open", "")])
def test_without_a_public_address_it_is_said_what_to_do_in_chat_r_link(store: Store, event: Event) -> None:
    store.pages = None

    reply, decision = acted(store, event)

    assert words(reply).startswith("这里没有网页可开")
    assert decision.saves == ()


@pytest.mark.parametrize(
    ("link", "title"),
    [
        (Link(8, "m03", "feishu", "ou_m03", UPLOAD, "", NOW), "传文件"),
        (Link(8, "m03", "feishu", "ou_m03", UPLOAD, "requirement:17:3:sheet", NOW), "给 #17 传文件"),
        (Link(8, "m03", "feishu", "ou_m03", FORM, "form:12", NOW), "录一单"),
        (Link(8, "m03", "feishu", "ou_m03", FORM, "form:99", NOW), "填表"),
    ],
)
def test_link_is_drawn_for_its_person_alone_r_link(store: Store, link: Link, title: str) -> None:
    keep(store, link, form(), gate_deal())

    with store.snapshot() as conn:
        tx = tx_of(conn, store)
        card, other, nobody = (show(tx, "", viewer, {"link": "8"}) for viewer in (REP, BOSS, None))
        store.pages = None
        nowhere = show(tx, "", REP, {"link": "8"})

    assert card is not None
    assert card[0].text == f"{title}，点开就行：\n{PAGES.url(link)}\n10:37 前有效，只给你用，别转发。"  # type: ignore[union-attr]
    assert (other, nobody, nowhere) == (None, None, None)
