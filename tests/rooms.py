"""The tests of a package and of those that import it, as arguments for pytest: `make test-room`."""

import sys
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent

ROOMS: Final = {
    "environments": "environments",
    "modules": "modules",
    "stacks": "stacks scenarios/test_regions_alone.py scenarios/test_region_leaves.py"
    " scenarios/test_change_of_checks.py scenarios/test_terraform_accepts_every_stack.py"
    " scenarios/test_second_alarm_region.py scenarios/test_registers_arrive.py"
    " scenarios/test_first_connection_runbook.py scenarios/test_own_stacks.py"
    " scenarios/test_zone_lookup.py",
    "functions": "functions simulation",
    "acceptance": "iot_dr/acceptance scenarios/test_acceptance.py",
    "bindings": "iot_dr/bindings engine scenarios/test_cdktf_cli.py",
    "cli": "iot_dr/cli iot_dr/test_command.py test_install.py test_repository.py test_prose.py"
    " test_snapshot_command.py iot_dr/test_api.py test_wheel.py scenarios/test_runbooks.py"
    " scenarios/test_tutorial.py scenarios/test_page_commands.py"
    " scenarios/test_base_install.py scenarios/test_own_code.py",
    "common": "iot_dr/common scenarios/test_full_disk.py scenarios/test_kill.py",
    "delivery": "iot_dr/delivery workflows scenarios/test_cdktf_alone.py scenarios/test_deploy.py"
    " scenarios/test_deploy_first.py scenarios/test_destroy.py scenarios/test_pipeline_runbook.py"
    " scenarios/test_region_is_replaced.py"
    " scenarios/test_plan_command.py scenarios/test_sandbox_command.py"
    " scenarios/test_state_runbook.py scenarios/test_state_survives_home.py"
    " scenarios/test_data_survives_home.py"
    " scenarios/test_validate_command.py scenarios/test_wave_workflow.py",
    "design": "iot_dr/design iot_dr/prover",
    "drill": "iot_dr/drill scenarios/test_drill_command.py scenarios/test_drill_play.py"
    " scenarios/test_outage_runbooks.py scenarios/test_flown_runbooks.py",
    "emit": "iot_dr/emit docs scenarios/test_modules_page.py tools/scan"
    " tools/test_release_modules.py",
    "forecast": "iot_dr/forecast",
    "generate": "iot_dr/generate scenarios/test_blocked_synthesis.py"
    " scenarios/test_synth_command.py",
    "observe": "iot_dr/observe scenarios/test_doctor_command.py scenarios/test_status_command.py"
    " scenarios/test_status_diagnosis.py scenarios/test_switch_command.py",
    "operate": "iot_dr/operate scenarios/test_adopt.py scenarios/test_adopt_procedure.py"
    " scenarios/test_path_rotation.py scenarios/test_drain_runbook.py"
    " scenarios/test_region_runbooks.py scenarios/test_registry_runbooks.py"
    " scenarios/test_registry_two_regions.py"
    " scenarios/test_rotate_command.py"
    " scenarios/test_rotate_runbook.py",
    "project": "iot_dr/project",
    "prover": "iot_dr/prover iot_dr/test_judging.py",
    "review": "iot_dr/review scenarios/test_primary_runbook.py scenarios/test_pull_request.py"
    " scenarios/test_review_command.py",
    "route53": "iot_dr/route53",
    "rules": "iot_dr/rules scenarios/test_check_command.py",
    "terraform": "iot_dr/terraform conformance",
    "terraform_json": "iot_dr/terraform_json",
    "tools": "tools",
}
"""The tests of each package; the command's own file belongs to `cli`."""

_ROOTS: Final = ("environments", "functions", "iot_dr", "modules", "stacks")


def room_tests(room: str) -> list[Path]:
    """Return the files and folders with the tests of a package and of its direct importers.

    Raises SystemExit with all names for an unknown package.
    """
    if room not in ROOMS:
        message = f"ROOM={room}: no such room; use one of {', '.join(sorted(ROOMS))}"
        raise SystemExit(message)
    rooms = [room, *sorted(importers(room) & ROOMS.keys())]
    return [TESTS / name for each in rooms for name in ROOMS[each].split()]


def importers(room: str) -> set[str]:
    """Return the packages that import from a package."""
    import grimp  # noqa: PLC0415 - builds a graph, which other tests need not wait for

    graph = grimp.build_graph(*_ROOTS, cache_dir=None)
    return {
        _room(importer)
        for module in graph.modules
        if _room(module) == room
        for importer in graph.find_modules_that_directly_import(module)
    } - {room}


def _room(module: str) -> str:
    return module.removeprefix("iot_dr.").partition(".")[0]


if __name__ == "__main__":
    sys.stdout.write(" ".join(str(path) for path in room_tests(sys.argv[1])))
