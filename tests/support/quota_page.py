"""The quotas of the page on costs, with what synthesized stacks use; run it to write them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import iot_dr.api  # noqa: F401 - first, so that the provider's bindings load fast
from environments.settings import Settings
from iot_dr.common.page_section import with_section
from iot_dr.observe.doctor.account_quotas import ACCOUNT_QUOTAS, AccountQuota
from tests.iot_dr.observe.doctor.world import World
from tests.support.pipeline import PIPELINE
from tests.support.settings import settings
from tests.support.synthesis import Synthesis

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "cost.md"


def page(before: str, synthesis: Synthesis) -> str:
    """Return the page with what an environment with every block uses of each quota."""
    chosen = settings(data={"provisioning": {"method": "fleet-provisioning"}}, pipeline=PIPELINE)
    rows = [_row(*quota, chosen, synthesis) for quota in ACCOUNT_QUOTAS.items()]
    head = "| quota | of | default | can be raised | an environment uses | environments | checked |"
    return with_section(
        PAGE,
        before,
        "quotas",
        "docs",
        "\n".join([head, "|---|---|---:|---|---:|---:|---|", *rows, ""]),
    )


def _row(name: str, quota: AccountQuota, chosen: Settings, synthesis: Synthesis) -> str:
    used = max(_uses(quota, chosen, synthesis))
    cells = (
        f"[{name}](https://docs.aws.amazon.com/{quota.page})",
        quota.scope,
        f"{quota.default:,}",
        "yes" if quota.is_adjustable else "**no**",
        f"{used:,}",
        f"{quota.default // used:,}",
        "yes" if quota.is_checked else "no",
    )
    return f"| {' | '.join(cells)} |"


def _uses(quota: AccountQuota, chosen: Settings, synthesis: Synthesis) -> Iterator[int]:
    account = World({}, settings=chosen).account(synthesis)
    for region in chosen.regions if quota.scope == "region" else (None,):
        resources = account.of_type(quota.type, region)
        yield sum(
            int(each.values.get(quota.units) or 0) if quota.units else 1 for each in resources
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text = page(PAGE.read_text(encoding="utf-8"), Synthesis(Path(folder)))
    PAGE.write_text(text, encoding="utf-8")
