"""What watchers decide during a drill, in its recording."""

import asyncio

from functions.contract import WatcherVariable
from iot_dr.drill.recorder import Recorder
from iot_dr.drill.recording import SwitchPut
from iot_dr.drill.rig.region.cloudwatch import CloudWatch
from iot_dr.drill.rig.world.world import Lambda, World


class WatcherDecisions:
    """Records the decisions of a world's watchers; `first` gets that of the primary's watcher."""

    def __init__(
        self, world: World, cloudwatch: CloudWatch, recorder: Recorder, first: asyncio.Future[str]
    ) -> None:
        self._world, self._cloudwatch, self._recorder = world, cloudwatch, recorder
        self._first = first
        self._unregistered: dict[str, str] = {}

    def take(self, watcher: Lambda, at: float, decision: str, cause: str) -> None:
        """Record a decision, or that a register was not written, as `OnDecision` has it."""
        watched = watcher.variables.get(WatcherVariable.PRIMARY, "")
        if decision == "unregistered":
            self._unregistered[watcher.region] = cause
            return
        problem = self._unregistered.pop(watcher.region, "")
        if not self._first.done() and watched == self._world.primary.region:
            self._first.set_result(decision)
        if decision == "latched":
            for region in watcher.variables.get(WatcherVariable.AWAY, watched).split(","):
                # The watcher does not put an earlier switch that is away.
                is_away = self._cloudwatch.is_in_alarm(self._world.switches(region))
                if region == watched or not is_away:
                    put = SwitchPut(
                        at=at, by="watcher", region=region, action="away", unregistered=problem
                    )
                    self._recorder.switch_put(put)
        elif decision != "well":
            text = f"the watcher of {watched}: {decision}{cause and f' ({cause})'}"
            self._recorder.event(at, "switch", text)
