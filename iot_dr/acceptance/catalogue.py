"""The steps of an acceptance run, in order."""

from functools import partial
from typing import Final

from iot_dr.acceptance import steps
from iot_dr.acceptance.step import Step

_HOUR: Final = 60.0
_SILENCE: Final = 15.0
_SWITCH, _CANARY = "away", "canary fails"

# fmt: off
STEPS: Final = (
    Step("look", "ask for the account, and whether the environment stands already",
         "the credentials are of the environment's account, as before every step", 0.2, steps.look),
    Step("deploy", "deploy every stack; the first time this waits for the zone's delegation",
         "every stack was applied", 30, steps.deploy),
    Step("hour", "wait an hour, in which AWS fills in what it does not set at once",
         "an hour has passed", _HOUR, partial(steps.pause, _HOUR)),
    Step("plan", "plan every stack",
         "nothing would change", 4, steps.plan),
    Step("ready", "look at health checks, name servers and endpoints",
         "`iot-dr status` says ok", 1, steps.ready),
    Step("certificate", "register a test device with a certificate of its own in every region",
         "AWS IoT took thing, certificate and policy", 0.2, steps.certificate),
    Step("publish", "publish through the device name, by MQTT with the test certificate",
         "the primary's broker acknowledged it", 0.5, steps.publish),
    Step("away", "switch the primary away",
         "names lead to the standby, whose broker acknowledged a message", 4, steps.away, _SWITCH),
    Step("silence", "wait 15 minutes without data of the switch's metric",
         "15 minutes have passed", _SILENCE, partial(steps.pause, _SILENCE), _SWITCH),
    Step("still away", "look at the switch and publish",
         "the primary is switched away, the standby's broker acknowledged a message",
         0.5, steps.still_away, _SWITCH),
    Step("back", "switch the primary back",
         "names lead to the primary, whose broker acknowledged a message", 5, steps.back, _SWITCH),
    Step("canary fails", "deny the primary's canary, and the watcher, to publish",
         "names lead to the standby by themselves, whose broker acknowledged a message",
         6, steps.canary_fails, _CANARY),
    Step("canary works", "let them publish",
         "the deep check is healthy, a latched failover holds", 4, steps.canary_works, _CANARY),
    Step("latch cleared", "switch the primary back, where the failover was latched",
         "names lead to the primary, whose broker acknowledged a message",
         5, steps.latch_cleared, _CANARY),
    Step("clean", "deactivate, detach and delete the test certificate, and its thing",
         "AWS IoT deleted them in every region", 0.5, steps.clean),
    Step("plan again", "plan every stack",
         "nothing would change: the run has undone what it did", 4, steps.plan),
    Step("destroy", "destroy entry point and regional stacks, if this run made them",
         "every one of them was destroyed", 15, steps.destroy),
)
# fmt: on
"""All steps; a transcript has an entry for each."""
