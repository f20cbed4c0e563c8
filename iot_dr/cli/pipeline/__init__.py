"""`iot-dr pipeline`: what a pipeline's builds ask, and which pipeline is the active one."""

from typing import Final

from iot_dr.cli.lazy import lazy_group

_COMMANDS: Final = {
    "verify": "Watch a wave's alarms, before the next wave begins; exit 1 when it must not.",
    "workflow": "Write .github/workflows/rollout-ENV.yml: a job a wave, each after the one before.",
    "guard": "Say whether a pipeline may go on with this commit; exit 3 when it must not.",
    "variables": "Print what plans and their review hand on to a pipeline, as lines NAME=value for"
    " a shell.",
    "activate": "Make the pipeline of a region the active one, in the environment's file.",
}

app = lazy_group(__name__, _COMMANDS)
