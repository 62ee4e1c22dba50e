"""Words of the governance portal for what the kernel names by code."""

from citysteward.lib.words import Words

_FINDINGS = {
    "closed_before_opened": Words(en="Closed before it was opened", zh="办结时间早于受理时间"),
    "place_unknown": Words(en="No place known", zh="地点不详"),
    "area_unknown": Words(en="No area known", zh="所属区域不详"),
    "outside_areas": Words(en="Outside all areas", zh="位于所有区域之外"),
}

_EXPLAINED = {
    "closed_before_opened": Words(
        en="The register says that they closed before they opened. They count as they are.",
        zh="登记的办结时间早于受理时间。此类案件照原样计入统计。",
    ),
    "place_unknown": Words(
        en="The register puts these cases on one point that stands for “no place known”. They are "
        "not drawn on the map and belong to no area by place.",
        zh="登记系统将此类案件放在表示“地点不详”的同一点上，不在地图上显示，也不按位置归入区域。",
    ),
    "area_unknown": Words(
        en="Neither a name nor a place tells the area.", zh="名称与位置均无法确定所属区域。"
    ),
    "outside_areas": Words(
        en="The place lies outside the outline of every area.", zh="位置不在任何区域边界之内。"
    ),
}


def finding_words(kind: str) -> Words:
    """A kind of finding in words; one that is not known goes by its code."""
    return _FINDINGS.get(kind) or Words(en=kind.replace("_", " ").capitalize())


def finding_explained(kind: str) -> Words:
    """What a kind of finding means, and what is done about it."""
    return _EXPLAINED.get(kind, Words())
