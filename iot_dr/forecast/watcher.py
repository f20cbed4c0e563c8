"""What the watcher in the first standby does to the primary's switch."""

from iot_dr.route53.chain import WELL, Chain, Health


def latch(chain: Chain, health: Health, switches: frozenset[str]) -> frozenset[str]:
    """Give the switches after the watcher had its say; with fail-back `auto` there is none.

    `health` is what held during all probes of one run. The primary's own check must have failed,
    and TCP to the keeper's own name must be well: where both fail, the trouble may be near the
    watcher. It does not publish there, since the fleet that has just moved storms that broker. It
    never clears a switch. The watcher publishes by itself, so a canary that is broken alone moves
    the devices and sets no switch: here `deep` is the publish, and both see the same.
    """
    if chain.fail_back == "auto":
        return switches
    primary_fails = not health.get(chain.primary, WELL).own(chain.mode)
    sees_well = health.get(chain.keeper, WELL).tcp
    return switches | {chain.primary} if primary_fails and sees_well else switches
