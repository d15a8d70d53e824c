"""A fourth platform in one small folder. `KIND` is what joins the product: one line of the registry."""

from tests.toy.adapter import KIND as KIND
