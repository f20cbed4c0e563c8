"""Many environments of the project's own design, as files, without synthesizing each."""

from pathlib import Path
from tempfile import TemporaryDirectory

from environments.loader import load
from environments.settings import Settings
from iot_dr.generate.synthesis import synthesize
from tools.benchmarks.environment_files import FOLDER

# Numbers of equal length, which occur in no other word of the design.
_NAME = "copy{:04d}"


def write_estate(folder: Path, resources: int) -> int:
    """Write whole environments with at least so many resources; return the number of resources."""
    name = _NAME.format(0)
    settings = Settings.model_validate(
        {**load("full", {}, FOLDER).model_dump(), "environment": name}
    )
    with TemporaryDirectory() as scratch:
        out = Path(scratch, "out")
        stacks = synthesize([settings], out)
        texts = {each.node.name: (out / each.file).read_text(encoding="utf-8") for each in stacks}
    each_has = sum(stack.resources for stack in stacks)
    count = -(-resources // each_has)
    for number in range(count):
        copy = _NAME.format(number)
        for stack, text in texts.items():
            file = folder / stack.replace(name, copy) / "cdk.tf.json"
            file.parent.mkdir(parents=True)
            file.write_text(text.replace(name, copy), encoding="utf-8")
    return count * each_has
