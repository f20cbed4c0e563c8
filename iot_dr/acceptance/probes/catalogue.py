"""The single probes, by the names of `--only`."""

from typing import Final

from iot_dr.acceptance.probes import alias_chain, detachment, domains, latch, policy_change, texts
from iot_dr.acceptance.probes.probe import removing
from iot_dr.acceptance.step import Step
from iot_dr.common.user_error import UsageError

# fmt: off
PROBES: Final = (
    Step("alias", "create a chain of seven failover aliases in a zone of its own",
         "all name servers of the zone answer the end of the chain",
         5, removing(alias_chain.observe, alias_chain.remove)),
    Step("attach", "attach and detach the certificate of a test device",
         "both lists show the detached certificate for at most 5 minutes",
         6, removing(detachment.observe, detachment.remove)),
    Step("texts", "write an IoT policy and a redrive policy, and read them",
         "both are returned with the characters that were written",
         1, removing(texts.observe, texts.remove)),
    Step("domains", "read the domain configurations of the device name in every region",
         "each region has one, and it is enabled", 1, domains.observe),
    Step("policy", "deny the test device to publish, and allow it again",
         "each change is in force within 8 minutes",
         20, removing(policy_change.observe, policy_change.remove)),
    Step("latch", "set an alarm like a switch's, and wait a day without data",
         "the alarm keeps its state", latch.MINUTES, latch.observe,
         removal_commands=latch.removal_commands),
)
# fmt: on
"""All probes; each removes what it creates."""


def selected(only: str) -> tuple[Step, ...]:
    """Return the probes of a list with commas, in the order of the catalogue.

    Raises UsageError for an unknown name.
    """
    names = {name.strip() for name in only.split(",") if name.strip()}
    known = [step.name for step in PROBES]
    if unknown := sorted(names - set(known)) or not names:
        wrong = ", ".join(unknown) if isinstance(unknown, list) else "no name"
        raise UsageError(f"--only: {wrong}; expected names of {', '.join(known)}, with commas")
    return tuple(step for step in PROBES if step.name in names)
