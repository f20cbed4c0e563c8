"""The stack that calls a Terraform module of the settings."""

from typing import cast

from cdktf import AssetType, TerraformAsset, TerraformHclModule
from constructs import Construct
from pydantic import JsonValue

from environments.modules import REFERENCE, WORDS
from environments.project import project_root
from environments.settings import Settings
from stacks.base_stack import BaseStack
from stacks.graph import StackNode


class ModuleStack(BaseStack):
    """One call of a module, with the provider of the stack's region.

    A module in the project is copied into the output, so that its path is the same everywhere.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        call = next(module for module in settings.modules if module.name == node.what)
        self._reads = call.upstream
        source = call.source
        if call.is_local:
            path = str(project_root() / call.source)
            asset = TerraformAsset(self, "source", path=path, type=AssetType.DIRECTORY)
            source = f"./{asset.path}"
        inputs = {name: self._resolved(value) for name, value in call.inputs.items()}
        module = TerraformHclModule(
            self,
            call.name.replace("-", "_"),
            source=source,
            version=call.version,
            providers=[self.provider()],
            variables=inputs,
            skip_asset_creation_from_local_modules=True,
        )
        for name in call.outputs:
            self.hand_over(name, module.get(name), f"Output {name} of the module {call.name}")

    def may_read(self, kind: str) -> bool:
        """Whether the inputs refer to an output of the kind."""
        return kind in self._reads

    def _resolved(self, value: JsonValue) -> object:
        """Return an input with references in place of `${kind.output}`."""
        if isinstance(value, str):
            return REFERENCE.sub(lambda match: self._reference(match[1], match[2]), value)
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if isinstance(value, dict):
            return {key: self._resolved(item) for key, item in value.items()}
        return cast("object", value)

    def _reference(self, kind: str, output: str | None) -> str:
        if output:
            return self.output(kind, output)
        words = (self.region, self.settings.environment, self.settings.project)
        return dict(zip(WORDS, words, strict=True))[kind]
