"""The steps of an acceptance run, in order."""

from functools import partial
from typing import Final

from iot_dr.acceptance import provisioning, steps
from iot_dr.acceptance.step import Step

_HOUR: Final = 60.0
_SILENCE: Final = 15.0
_SWITCH, _CANARY = "away", "canary fails"

# fmt: off
STEPS: Final = (
    Step("look", "check the account, and whether the environment exists",
         "the credentials are of the environment's account, as before every step",
         0.2, steps.check_account),
    Step("deploy", "deploy every stack; the first time this waits for the zone's delegation",
         "every stack was applied", 30, steps.deploy),
    Step("hour", "wait an hour, until AWS has set attributes that it sets later",
         "an hour has passed", _HOUR, partial(steps.pause, _HOUR)),
    Step("plan", "plan every stack",
         "the plan is empty", 4, steps.plan),
         Step("ready", "check health checks, name servers and endpoints",
              "`iot-dr status` is ok", 1, steps.ready),
         Step("certificate", "register a test device with its certificate in every region",
              "AWS IoT accepted thing, certificate and policy", 0.2, steps.certificate),
         Step("publish", "publish through the device name, with MQTT and the test certificate",
              "the primary's broker acknowledged the message", 0.5, steps.publish),
    Step("join", "let a new device join in each region, and again where it is replicated",
         "AWS IoT provisioned it, its certificate is active and has the devices' policy",
         10, provisioning.join),
    Step("away", "switch the primary away",
         "DNS answers the standby, whose broker acknowledged a message", 4, steps.away, _SWITCH),
    Step("silence", "wait 15 minutes without data of the switch's metric",
         "15 minutes have passed", _SILENCE, partial(steps.pause, _SILENCE), _SWITCH),
    Step("still away", "check the switch and publish",
         "the primary is still switched away, the standby's broker acknowledged a message",
         0.5, steps.still_away, _SWITCH),
    Step("back", "switch the primary back",
         "DNS answers the primary, whose broker acknowledged a message", 5, steps.back, _SWITCH),
         Step("canary fails", "deny publishing to the primary's canary and the watcher",
              "DNS answers the standby without a switch, whose broker acknowledged a message",
         6, steps.canary_fails, _CANARY),
    Step("canary works", "allow publishing again",
         "the deep check is healthy, a latched failover stays", 4, steps.restore_canary, _CANARY),
    Step("latch cleared", "switch the primary back, if the failover was latched",
         "DNS answers the primary, whose broker acknowledged a message",
         5, steps.latch_cleared, _CANARY),
    Step("clean", "deactivate, detach and delete the test certificate and thing",
         "AWS IoT deleted them in every region", 0.5, steps.clean),
    Step("plan again", "plan every stack",
         "the plan is empty: the run has undone its changes", 4, steps.plan),
         Step("destroy", "destroy entry point and regional stacks, if this run created them",
              "all of these stacks were destroyed", 15, steps.destroy),
)
# fmt: on
"""All steps; a transcript has an entry for each."""
