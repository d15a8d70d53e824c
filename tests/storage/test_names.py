"""The index of near names: at most 200 candidates before any scoring. R-CUS-5."""

from __future__ import annotations

from dataclasses import replace

from sales import names as closeness
from storage import entities, names
from storage.engine import Connection, Store
from tests.support.facts import committed, customer, keep


def found(store: Store, name: str) -> list[str]:
    with store.snapshot() as conn:
        return [candidate.name for candidate in names.candidates(conn, name)]


def test_same_normalised_name_is_found_first_r_cus_5(store: Store) -> None:
    keep(store, customer(1, "华东医疗器械（杭州）有限公司"), customer(2, "华东医疗器材"))

    assert found(store, "华东医疗器械(杭州)")[0] == "华东医疗器械（杭州）有限公司"


def test_near_name_is_found_by_its_sound_and_by_a_wrong_character_r_cus_5(store: Store) -> None:
    keep(store, customer(1, "宁波博仁医院"), customer(2, "苏州瑞康"))

    assert "宁波博仁医院" in found(store, "宁波博人医院")
    assert "苏州瑞康" not in found(store, "宁波博人医院")


def test_at_most_200_candidates_and_the_nearest_is_among_them_r_cus_5(store: Store) -> None:
    near = [customer(n, f"华东医疗器械第{n}分公司") for n in range(1, 301)]
    keep(store, *near, customer(999, "华东医疗器材"))

    names_found = found(store, "华东医疗器材")

    assert len(names_found) == names.MOST
    assert names_found[0] == "华东医疗器材"
    assert max(names_found, key=lambda name: closeness.score("华东医疗器材", name)) == "华东医疗器材"


def test_exact_name_is_found_even_when_200_others_share_more_keys_r_cus_5(store: Store) -> None:
    keep(store, *(customer(n, f"华东医疗{n:03d}") for n in range(1, 260)))
    keep(store, customer(500, "华东医疗258号楼"))

    assert "华东医疗258号楼" in found(store, "华东医疗258号楼")


def test_undone_customer_is_not_found_and_its_name_is_free_again_r_cus_5(store: Store) -> None:
    keep(store, customer(1, "新康医疗"))
    keep(store, replace(customer(1, "新康医疗"), version=1, state="undone"))

    assert found(store, "新康医疗") == []
    keep(store, customer(2, "新康医疗"))
    assert found(store, "新康医疗") == ["新康医疗"]


def test_renamed_customer_is_found_by_its_new_name_only_r_cus_5(store: Store) -> None:
    keep(store, customer(1, "老康诊所"))
    keep(store, replace(customer(1, "新华医院"), version=1))

    assert found(store, "老康诊所") == []
    assert found(store, "新华医院") == ["新华医院"]


def test_indexing_twice_leaves_one_entry(store: Store) -> None:
    def write(conn: Connection) -> None:
        entities.save(conn, customer(1))
        names.index(conn, customer(1))
        names.index(conn, customer(1))

    committed(store, write)

    assert found(store, "华东医疗") == ["华东医疗"]


def test_name_without_any_key_finds_nothing(store: Store) -> None:
    keep(store, customer(1), customer(2, "——"))

    assert found(store, "（）") in ([], ["——"])
