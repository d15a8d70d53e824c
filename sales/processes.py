"""Processes as data: stages, which of them are mandatory gates, and the evidence each asks for. R-STG-1, R-STG-2."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """One kind of evidence a stage asks for.

    `full` says who must have signed it, `look` what a reviewer looks at, `words` are what people call it in a line,
    `auto` that a machine may accept it once its checks exist. R-STG-2, R-EVD-4.
    """

    key: str
    name: str
    full: str
    look: str
    words: tuple[str, ...]
    auto: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a deal; a mandatory one is a gate that freezes when its evidence is late. R-GATE-1."""

    number: int
    name: str
    mandatory: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Process:
    """Stages in order, numbered from 1."""

    name: str
    stages: tuple[Stage, ...]

    def stage(self, number: int) -> Stage:
        """The stage with this number."""
        return self.stages[number - 1]

    def after(self, number: int) -> Stage | None:
        """The stage that follows; None behind the last, where a deal is won."""
        return self.stages[number] if number < len(self.stages) else None

    def evidence(self, number: int, key: str) -> Evidence:
        """One kind of evidence of a stage."""
        return next(evidence for evidence in self.stage(number).evidence if evidence.key == key)


MINUTES = Evidence("minutes", "会议纪要", "会议纪要", "是不是这次会的纪要", ("会议纪要", "纪要"), auto=True)
SHEET = Evidence(
    "sheet", "需求匹配表", "客户签字的需求匹配表", "签字、红章是不是客户的", ("需求匹配表", "匹配表", "需求表")
)
PROPOSAL = Evidence("proposal", "方案 PDF", "带水印的方案 PDF", "水印在不在、是不是这版方案", ("方案",))
LEGAL = Evidence("legal", "法务签章", "法务签章", "签章是不是法务的", ("法务签章", "签章"))
TECH = Evidence("tech", "技术确认邮件", "技术负责人的确认邮件", "是不是技术负责人发的", ("确认邮件", "邮件"), auto=True)
CHAIN = Evidence("chain", "决策链", "决策链记录，至少两位", "至少两位关键人，一位管预算", ("决策链", "关键人"))
PURCHASING = Evidence("purchasing", "采购签字页", "采购负责人签字页", "签字是不是采购负责人的", ("采购签字", "签字页"))
PRICES = Evidence("prices", "比价表", "比价表", "价格和产品对不对", ("比价表", "比价"), auto=True)
LIST = Evidence("list", "配置单", "客户签字的配置单", "签字是不是客户的", ("配置单", "配置清单"))
CONTRACT = Evidence("contract", "合同扫描件", "盖章的合同扫描件", "红章、页数齐不齐", ("合同",))

DEFAULT = Process(
    "默认流程",
    (
        Stage(1, "线索确认"),
        Stage(2, "初次拜访"),
        Stage(3, "需求共识确认", mandatory=True, evidence=(MINUTES, SHEET)),
        Stage(4, "方案呈现"),
        Stage(5, "方案合规性校验", mandatory=True, evidence=(PROPOSAL, LEGAL, TECH)),
        Stage(6, "客户内部决策链报备", mandatory=True, evidence=(CHAIN, PURCHASING)),
        Stage(7, "报价确认", evidence=(PRICES, LIST)),
        Stage(8, "成交签约", evidence=(CONTRACT,)),
    ),
)
"""The process of a company that has chosen no template. A decision chain is a file for a person to see for now, like
every other evidence, and so is the legal signature. R-STG-1, R-STG-2."""
