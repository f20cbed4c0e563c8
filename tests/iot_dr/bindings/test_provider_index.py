"""A provider's index in node, with the fast start and without."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.iot_dr.bindings.conftest import LOCKED_NODE

_PRELOAD = Path(__file__).parents[3] / "iot_dr" / "bindings" / "preload.cjs"
_INDEX = """\
"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.awsA = exports.provider = exports.dataAwsB = void 0;
exports.awsA = require("./aws-a");
exports.dataAwsB = require("./data-aws-b");
exports.provider = require("./provider");
exports.other = 1;
"""
# Of the newer compiler with which cdktn's provider is made.
_STARRED = """\
var __importStar = (mod) => mod;
""" + _INDEX.replace("= require(", "= __importStar(require(").replace('");', '"));')
# What an app may see of an index, before and after its first use of each submodule.
_PROBE = """\
const index = require(process.argv[1]);
const names = Object.keys(index);
const has = names.map((name) => [name in index, Object.hasOwn(index, name)]);
const same = names.map((name) => index[name] === index[name]);
console.log(JSON.stringify([names, has, same, index]));
"""


@pytest.fixture(params=[("@cdktf", _INDEX), ("@cdktn", _STARRED)], ids=["cdktf", "cdktn"])
def index(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    scope, text = request.param
    library = tmp_path / scope / "provider-aws" / "lib"
    for name in ("aws-a", "data-aws-b", "provider"):
        (library / name).mkdir(parents=True)
        (library / name / "index.js").write_text(f"exports.name = '{name}';\n", encoding="utf-8")
    file = library / "index.js"
    file.write_text(text, encoding="utf-8")
    return file


def _node(
    probe: str, index: Path, *options: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LOCKED_NODE, *options, "-e", probe, index],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def _fast(probe: str, index: Path) -> subprocess.CompletedProcess[str]:
    return _node(probe, index, "--require", _PRELOAD, JSII_AGENT="test")


def test_an_index_looks_the_same_as_without_the_fast_start(index: Path) -> None:
    stock, fast = _node(_PROBE, index), _fast(_PROBE, index)
    assert fast.stdout == stock.stdout
    assert json.loads(fast.stdout)[0] == ["dataAwsB", "provider", "awsA", "other"]
    assert (fast.stderr, stock.stderr) == ("", "")


def test_a_submodule_that_fails_to_load_is_an_error_only_for_who_uses_it(index: Path) -> None:
    (index.parent / "provider" / "index.js").write_text("throw new Error('no')", encoding="utf-8")
    done = _fast("console.log(require(process.argv[1]).awsA.name)", index)
    assert (done.stdout, done.stderr) == ("aws-a\n", "")
    done = _fast("require(process.argv[1]).provider", index)
    assert "Error: no" in done.stderr


def test_a_line_of_another_shape_runs_as_published(index: Path) -> None:
    text = re.sub(
        r"(exports\.awsA) = .*/aws-a.*;", r"\1 = {name: 'own'};", index.read_text("utf-8")
    )
    index.write_text(text, encoding="utf-8")
    done = _fast("console.log(require(process.argv[1]).awsA.name)", index)
    assert (done.stdout, done.stderr) == ("own\n", "")
