from pathlib import Path

import pytest

from iot_dr.deploy.cdktf import CdktfMissingError, cdktf_program


def test_a_missing_command_line_is_told_with_what_installs_it(tmp_path: Path) -> None:
    with pytest.raises(CdktfMissingError, match=r"\.bin/cdktf: .* run `make install`"):
        cdktf_program(tmp_path)
