"""Where an official provider is searched."""

from pathlib import Path

import pytest

from tests.conformance.__main__ import main
from tests.conformance.official import MIRROR_VARIABLE, OfficialProvider, newest_provider

UNPACKED = "registry.example.com/hashicorp/aws/{}/linux_amd64/terraform-provider-aws_v{}_x5"
PACKED = "registry.example.com/hashicorp/aws/terraform-provider-aws_{}_linux_amd64.zip"


def mirror(folder: Path, layout: str, *versions: str) -> Path:
    for version in versions:
        path = folder / layout.format(version, version)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


@pytest.mark.parametrize("layout", [UNPACKED, PACKED], ids=["unpacked", "packed"])
def test_the_newest_of_5_and_6_is_taken_from_a_named_mirror(tmp_path: Path, layout: str) -> None:
    mirror(tmp_path, layout, "3.39.0", "5.9.0", "5.100.0")
    assert newest_provider({MIRROR_VARIABLE: str(tmp_path)}, ()) == OfficialProvider(
        tmp_path, "5.100.0"
    )


def test_a_mirror_is_found_by_terraform_s_own_configuration(tmp_path: Path) -> None:
    provider = OfficialProvider(mirror(tmp_path / "mirror", UNPACKED, "6.1.0"), "6.1.0")
    configuration = tmp_path / "terraform.rc"
    configuration.write_text(provider.configuration)
    assert newest_provider({"TF_CLI_CONFIG_FILE": str(configuration)}, ()) == provider


def test_a_mirror_is_found_in_the_user_s_own_plugins(tmp_path: Path) -> None:
    plugins = mirror(tmp_path / ".terraform.d" / "plugins", UNPACKED, "6.1.0")
    assert newest_provider({"HOME": str(tmp_path)}, ()) == OfficialProvider(plugins, "6.1.0")


def test_a_cache_of_plugins_that_the_user_s_configuration_names_is_a_mirror(tmp_path: Path) -> None:
    cache = mirror(tmp_path / "cache", UNPACKED, "6.1.0")
    (tmp_path / ".terraformrc").write_text(f'plugin_cache_dir = "{cache}"\n')
    assert newest_provider({"HOME": str(tmp_path)}, ()) == OfficialProvider(cache, "6.1.0")


@pytest.mark.parametrize("place", ["", "tf-plugins", "terraform/plugins"])
def test_a_mirror_that_nothing_names_is_found_in_the_machine_s_folders(
    tmp_path: Path, place: str
) -> None:
    plugins = mirror(tmp_path / place, UNPACKED, "6.1.0")
    assert newest_provider({}, [tmp_path / "missing", tmp_path]) == OfficialProvider(
        plugins, "6.1.0"
    )


@pytest.mark.parametrize("variable", [MIRROR_VARIABLE, "TF_CLI_CONFIG_FILE"])
def test_without_a_mirror_there_is_none(tmp_path: Path, variable: str) -> None:
    assert (
        newest_provider({"HOME": str(tmp_path), variable: str(tmp_path / "nowhere")}, [tmp_path])
        is None
    )


def test_without_a_provider_nothing_is_judged_which_is_not_success(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main({}, []) == 2
    assert capsys.readouterr().out.startswith("nothing was judged: no mirror")


def test_a_provider_that_does_not_start_judges_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = UNPACKED.replace("registry.example.com", "registry.terraform.io")
    (binary,) = mirror(tmp_path, layout, "6.1.0").glob("*/*/*/*/*/*")
    binary.write_text("#!/bin/sh\nexit 1\n")
    binary.chmod(0o755)
    assert main({MIRROR_VARIABLE: str(tmp_path)}, []) == 2
    assert "nothing was judged: hashicorp/aws 6.1.0 does not start" in capsys.readouterr().out
