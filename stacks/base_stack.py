"""The base class of all stacks: one AWS provider alias per region, and the S3 backend."""

from collections.abc import Iterable
from functools import cached_property

from cdktf import (
    DataTerraformRemoteStateS3,
    S3Backend,
    S3BackendAssumeRoleConfig,
    TerraformOutput,
    TerraformStack,
)
from cdktf_cdktf_provider_aws.provider import (
    AwsProvider,
    AwsProviderAssumeRole,
    AwsProviderDefaultTags,
)
from constructs import Construct

from environments.settings import LookedUpZone, Settings
from modules.stack_names import stack_name
from stacks.graph import StackNode
from stacks.own_code import OwnStackError
from stacks.platform_graph import platform_graph
from stacks.stack_context import stack_context
from stacks.stack_declaration import StackDeclaration
from stacks.state_location import handover_location, state_location


class BaseStack(TerraformStack, StackDeclaration):
    """A stack of one environment, with AWS providers only for the regions that it uses.

    A project's own stacks are derived from it (docs/how-to/own-stacks.md). The backend locks with
    S3's native lock file, which needs Terraform 1.10
    (developer.hashicorp.com/terraform/language/backend/s3).
    """

    def __init__(
        self,
        scope: Construct,
        node: StackNode,
        settings: Settings,
        regions: Iterable[str] | None = None,
    ) -> None:
        """Create the backend, and a provider for each region, by default for the stack's own."""
        super().__init__(scope, node.name)
        self.settings = settings
        self.region = node.region
        self.context = stack_context(settings, node.region)
        self._stack_node = node
        regions = [node.region] if regions is None else regions
        self._providers = {region: self._provider(region) for region in regions}
        self._remote_states: dict[str, DataTerraformRemoteStateS3] = {}
        self._backend(node)

    @cached_property
    def platform(self) -> "PlatformOutputs":
        """The platform's outputs, for an own stack."""
        return PlatformOutputs(self)

    def provider(self, region: str | None = None) -> AwsProvider:
        """Return the provider of a region, by default of the stack's own.

        Raises OwnStackError, a ValueError, if the stack has no provider for the region.
        """
        region = region or self.region
        if region not in self._providers:
            message = (
                f"it has no provider for {region}; pass regions=[...] with it to BaseStack.__init__"
            )
            raise OwnStackError(message)
        return self._providers[region]

    def output(self, kind: str, name: str, region: str | None = None) -> str:
        """Return a reference to an output of another stack, whose kind must be in `upstream`.

        A regional stack reads the outputs of its own region and of global stacks; a global stack
        names the `region` of a regional one. Raises OwnStackError, a ValueError, otherwise.
        """
        if not self.may_read(kind):
            message = f'it reads {kind}, which is not in upstream; add "{kind}" to upstream'
            raise OwnStackError(message)
        nodes = {node.name: node for node in platform_graph(self.settings).nodes}
        environment = self.settings.environment
        stack = stack_name(environment, kind)
        if stack not in nodes:
            if region is None and not self._stack_node.is_regional:
                message = f"it is global and reads {kind} of a region; pass region=... to output"
                raise OwnStackError(message)
            stack = stack_name(environment, kind, region or self.region)
        if stack not in self._remote_states:
            self._remote_states[stack] = self.remote_state(stack)
        return self._remote_states[stack].get_string(name)

    def remote_state(self, upstream: str) -> DataTerraformRemoteStateS3:
        """Return a data source of another stack's state, for reading its outputs.

        A global stack's state is read from its copy if the settings have a `handover_region`.
        Raises OwnStackError, a ValueError, if a regional stack would read another region's state.
        """
        nodes = {node.name: node for node in platform_graph(self.settings).nodes}
        if upstream not in nodes:
            message = f"it reads {upstream}, which {self.settings.environment} does not have"
            raise OwnStackError(message)
        is_regional = self._stack_node.is_regional and nodes[upstream].is_regional
        if is_regional and nodes[upstream].region != self.region:
            message = (
                f"it reads the state of {upstream} in another region, and could not be applied"
                " while that region is down; read it in a global stack"
            )
            raise OwnStackError(message)
        location = handover_location(self.settings, nodes[upstream])
        return DataTerraformRemoteStateS3(
            self,
            upstream.replace("-", "_"),
            bucket=location.bucket,
            key=location.key,
            region=location.region,
            assume_role=self._backend_role(),
        )

    def may_read(self, kind: str) -> bool:
        """Whether the stack may read outputs of a kind of stacks."""
        return kind in self.upstream

    def hand_over(self, name: str, value: object, description: str) -> None:
        """Add an output that other stacks and operators read by its name."""
        TerraformOutput(self, name, value=value, description=description)

    def _provider(self, region: str) -> AwsProvider:
        alias, role = region.replace("-", "_"), self.settings.deploy_role_arn
        return AwsProvider(
            self,
            f"aws_{alias}",
            alias=alias,
            region=region,
            allowed_account_ids=[self.settings.account_id],
            assume_role=[AwsProviderAssumeRole(role_arn=role)] if role else None,
            default_tags=[AwsProviderDefaultTags(tags=self.context.tags)],
        )

    def _backend(self, node: StackNode) -> None:
        location = state_location(self.settings, node)
        backend = S3Backend(
            self,
            bucket=location.bucket,
            key=location.key,
            region=location.region,
            encrypt=True,
            assume_role=self._backend_role(),
        )
        # CDKTF's types have only the DynamoDB lock, which Terraform has deprecated.
        backend.add_override("use_lockfile", True)

    def _backend_role(self) -> S3BackendAssumeRoleConfig | None:
        role = self.settings.deploy_role_arn
        return S3BackendAssumeRoleConfig(role_arn=role) if role else None


class PlatformOutputs:
    """References to outputs of the platform's stacks, which Terraform resolves.

    Each property names the stack that must be in the `upstream` of the own stack. Those of `iot`
    are of the own stack's region; a global stack reads them with `BaseStack.output`.
    """

    def __init__(self, stack: BaseStack) -> None:
        self._stack = stack
        self._looked_up: str | None = None

    @property
    def zone_id(self) -> str:
        """The id of the environment's hosted zone (`hosted-zone`), looked up or not."""
        if not isinstance(self._stack.settings.zone, LookedUpZone):
            return self._stack.output("hosted-zone", "zone_id")
        if self._looked_up is None:
            from modules.zone_lookup import (  # noqa: PLC0415 - most environments have a zone's stack
                ZoneLookup,
                ZoneLookupInputs,
            )

            inputs = ZoneLookupInputs(
                provider=self._stack.provider(), zone_name=self._stack.settings.zone_name
            )
            self._looked_up = ZoneLookup(self._stack, "platform_zone", inputs).outputs.zone_id
        return self._looked_up

    @property
    def certificate_arn(self) -> str:
        """The ARN of the home region's certificate (`hosted-zone`).

        Raises OwnStackError, a ValueError, if the environment's zone is looked up, or if regions
        have the certificates (`certificate_region`).
        """
        if self._stack.settings.certificate_region:
            message = (
                "it reads the certificate of the zone's stack, which has none since"
                " certificate_region is set; use the data source aws_acm_certificate in the own"
                " stack"
            )
            raise OwnStackError(message)
        if isinstance(self._stack.settings.zone, LookedUpZone):
            message = (
                "it reads the certificate of a zone that is looked up; use the data source"
                " aws_acm_certificate in the own stack"
            )
            raise OwnStackError(message)
        return self._stack.output("hosted-zone", "certificate_arn")

    @property
    def regional_name(self) -> str:
        """The DNS name that always leads to this region (`iot`)."""
        return self._stack.output("iot", "regional_name")

    @property
    def alarm_topic_arn(self) -> str:
        """The ARN of the SNS topic of this region's alarms (`iot`)."""
        return self._stack.output("iot", "alarm_topic_arn")

    @property
    def device_policy_name(self) -> str:
        """The name of the IoT policy of devices in this region (`iot`)."""
        return self._stack.output("iot", "device_policy_name")

    @property
    def stream_name(self) -> str:
        """The name of this region's Kinesis stream of device messages (`telemetry`)."""
        return self._stack.output("telemetry", "stream_name")
