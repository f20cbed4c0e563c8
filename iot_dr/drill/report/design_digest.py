"""The identity of a design, by which a later command recognizes what was judged."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from environments.existing_files import policy_document
from environments.project import project_root
from environments.settings import Settings
from stacks.provisioning_names import device_ca_ids

# How long a drill counts is not a part of what it rehearsed.
_LIMIT: Final = {"recovery": {"drill_days"}}
_OUTPUTS: Final = frozenset(("__pycache__", "cdktf.out", "node_modules"))
_LOCAL: Final = re.compile(r"""["']?source["']?\s*[=:]\s*["'](\.\.?/[^"']*)["']""")


def design_digest(settings: Settings) -> str:
    """Return the SHA-256 of the settings, the files that they name, and this package's version.

    The code of own stacks is all Python files of the project, since any may be imported; a module
    is all files of its folder, and of those that its local sources name. It is the same before and
    after a cut-over (`existing.cut_over`), so that the design can be judged before. Raises
    SettingsError if a file cannot be used, and OSError if one cannot be read.
    """
    declared = settings.declared_stacks
    content = {
        "version": version("iot-dr"),
        "settings": settings.after_cut_over.model_dump(mode="json", exclude=_LIMIT),
        "device_policy": policy_document(settings, settings.primary_region),
        "device_ca": device_ca_ids(settings),
        "own_stacks": [
            [str(each.source) for each in classes]
            for classes in (declared.regional, declared.global_)
        ],
        "own_files": {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted({*_own_files(settings)})
        },
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _own_files(settings: Settings) -> Iterator[Path]:
    if root := settings.declared_stacks.root:
        yield from (path for path in _files(root) if path.suffix == ".py")
    folders = [
        (project_root() / module.source).resolve()
        for module in settings.modules
        if module.source.startswith("./")
    ]
    for folder in folders:
        for path in _files(folder):
            yield path
            if path.name.endswith((".tf", ".tf.json", ".tofu")):
                sources = _LOCAL.findall(path.read_text(encoding="utf-8", errors="replace"))
                used = ((folder / source).resolve() for source in sources)
                folders += (each for each in used if each not in folders)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, except outputs, hidden folders and virtual environments.

    Links to folders are followed, as Python and Terraform do, but for those that lead back.
    """
    seen = [folder.resolve()]
    for parent, folders, files in os.walk(folder, followlinks=True):
        there = {name: Path(parent, name).resolve() for name in sorted(folders)}
        folders[:] = [
            name
            for name, real in there.items()
            if not name.startswith(".")
            and name not in _OUTPUTS
            and not (real / "pyvenv.cfg").exists()
            and not any(each.is_relative_to(real) for each in seen)
        ]
        seen += (there[name] for name in folders if Path(parent, name).is_symlink())
        yield from (Path(parent, name) for name in files if Path(parent, name).is_file())
