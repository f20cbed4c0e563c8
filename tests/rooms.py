"""The tests of a package and of what depends on it, as arguments for pytest: `make test-room`."""

import sys
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent

ROOMS: Final = {
    "environments": "environments",
    "modules": "modules",
    "stacks": "stacks buildspecs scenarios/test_regions_alone.py scenarios/test_region_leaves.py"
    " scenarios/test_change_of_checks.py scenarios/test_terraform_accepts_every_stack.py"
    " scenarios/test_first_connection_runbook.py",
    "benchmarks": "benchmarks",
    "functions": "functions",
    "common": "engine iot_dr/test_command.py iot_dr/test_gate.py iot_dr/test_output_folder.py"
    " iot_dr/test_parent_death.py iot_dr/test_run_folder.py iot_dr/test_signals.py"
    " iot_dr/test_waiting.py"
    " scenarios/test_blocked_synthesis.py"
    " scenarios/test_full_disk.py"
    " scenarios/test_plan_command.py scenarios/test_sandbox_command.py"
    " scenarios/test_synth_command.py scenarios/test_validate_command.py scenarios/test_kill.py",
    "acceptance": "iot_dr/acceptance scenarios/test_acceptance.py",
    "apply": "iot_dr/apply scenarios/test_wave_workflow.py",
    "aws": "iot_dr/aws",
    "bindings": "iot_dr/bindings scenarios/test_cdktf_cli.py",
    "cli": "iot_dr/cli test_install.py test_repository.py",
    "deploy": "iot_dr/deploy scenarios/test_cdktf_alone.py"
    " scenarios/test_deploy.py scenarios/test_deploy_first.py scenarios/test_destroy.py",
    "drill": "iot_dr/drill scenarios/test_drill_command.py scenarios/test_outage_runbooks.py",
    "emit": "iot_dr/emit docs",
    "failover": "iot_dr/failover",
    "github": "iot_dr/github scenarios/test_pull_request.py",
    "graph": "iot_dr/graph",
    "pipeline": "iot_dr/pipeline scenarios/test_pipeline_runbook.py",
    "registry": "iot_dr/registry scenarios/test_registry_runbooks.py"
    " scenarios/test_registry_two_regions.py",
    "resources": "iot_dr/resources",
    "review": "iot_dr/review scenarios/test_review_command.py scenarios/test_pull_request.py",
    "role": "iot_dr/role scenarios/test_role_command.py scenarios/test_region_runbooks.py",
    "rollout": "iot_dr/rollout",
    "rotate": "iot_dr/rotate scenarios/test_path_rotation.py scenarios/test_rotate_command.py"
    " scenarios/test_rotate_runbook.py",
    "rules": "iot_dr/rules scenarios/test_check_command.py",
    "state": "iot_dr/state scenarios/test_state_runbook.py scenarios/test_state_survives_home.py",
    "status": "iot_dr/status scenarios/test_status_command.py",
    "switch": "iot_dr/switch scenarios/test_switch_command.py",
    "terraform": "iot_dr/terraform conformance",
    "workflow": "iot_dr/workflow workflows scenarios/test_runbooks.py",
}
"""The tests of each package; `common` are the modules of iot_dr that are in none."""

_ALL: Final = " ".join(ROOMS)
USED_BY: Final = {
    "environments": _ALL,
    "modules": "stacks drill emit failover registry review switch",
    "stacks": _ALL,
    "functions": "modules registry",
    "common": _ALL,
    "acceptance": "cli",
    "apply": "cli pipeline",
    "aws": "acceptance cli pipeline registry rotate state status switch",
    "bindings": "cli common terraform",
    "deploy": "acceptance apply cli rotate",
    "drill": "acceptance cli",
    "emit": "cli",
    "failover": "cli common drill review rules status switch",
    "github": "cli",
    "graph": "cli",
    "pipeline": "cli",
    "registry": "cli",
    "resources": "apply cli common drill emit review rotate rules",
    "review": "acceptance apply cli drill",
    "role": "cli",
    "rollout": "apply cli common pipeline",
    "rotate": "cli",
    "rules": "cli common drill review rotate",
    "state": "apply cli common deploy pipeline rollout rotate status terraform",
    "status": "acceptance cli deploy rotate",
    "switch": "acceptance cli drill registry rotate status",
    "terraform": "apply cli common deploy emit review role rollout rotate state",
    "workflow": "cli",
}
"""The rooms that import a room; there is no entry where none does."""


def room_tests(room: str) -> list[Path]:
    """Return the files and folders that hold the tests of a room and of those that use it.

    One step of imports, since packages import each other in circles. Raises SystemExit with the
    names of all rooms for a name that is none of them.
    """
    if room not in ROOMS:
        message = f"ROOM={room}: no such room; use one of {', '.join(sorted(ROOMS))}"
        raise SystemExit(message)
    users = dict.fromkeys([room, *USED_BY.get(room, "").split()])
    return [TESTS / name for user in users for name in dict.fromkeys(ROOMS[user].split())]


if __name__ == "__main__":
    sys.stdout.write(" ".join(str(path) for path in room_tests(sys.argv[1])))
