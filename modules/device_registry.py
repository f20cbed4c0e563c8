"""The replication of a region's device registry to and from the other regions."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.device_table_names import state_table
from modules.function import FunctionOutputs
from modules.global_table import LocalTable, LocalTableInputs
from modules.number import Number
from modules.registry_apply import RegistryApply, RegistryApplyInputs
from modules.registry_calls import RegistryCalls, RegistryCallsInputs
from modules.registry_capture import RegistryCapture
from modules.registry_events import RegistryEvents, RegistryEventsInputs
from modules.registry_function import RegistryInputs
from modules.registry_pulses import RegistryPulses, RegistryPulsesInputs
from modules.registry_queues import (
    RegistryQueues,
    RegistryQueuesInputs,
    RegistryQueuesOutputs,
)
from modules.registry_reconcile import RegistryReconcile, RegistryReconcileInputs
from modules.registry_trail import RegistryTrail, RegistryTrailInputs
from modules.replication_alarm import ReplicationAlarm, ReplicationAlarmInputs


@dataclass(frozen=True, kw_only=True)
class DeviceRegistryInputs:
    """The regions, the global table of registry entities, the schedule, and what is not copied.

    `table_arn` is the ARN of this region's replica; `trail_bucket` is the name of the bucket to
    create for CloudTrail; `reconcile_hours` is the interval between reconciliations, which read
    `reconcile_rate` things a second;
    `parallelization_factor` is how many batches of a shard are applied concurrently.
    `excluded_policies` (names, at least one) and `excluded_ca_certificates` (ids) are not copied.
    `deletion_percent` of its entities are deleted in an hour. `copy_reported` is whether the
    reported state of shadows is copied: a boolean or a Terraform expression. Without
    `creates_trail`, another trail of the account must log the calls.
    """

    provider: AwsProvider
    context: Context
    account_id: str
    regions: Sequence[str]
    table: str
    table_arn: str
    trail_bucket: str
    creates_trail: bool
    reconcile_hours: Number
    reconcile_rate: Number
    parallelization_factor: Number
    excluded_policies: Sequence[str]
    excluded_ca_certificates: Sequence[str]
    copy_reported: bool | str
    deletion_percent: Number
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class DeviceRegistryOutputs:
    """The queues, the reconciler's name, and the functions, for dependents that need them."""

    queues: RegistryQueuesOutputs
    reconcile_function: str
    functions: Sequence[ITerraformDependable]


class DeviceRegistry:
    """Event sources, and the capture, apply and reconcile functions of the registry (ADR 0022)."""

    def __init__(self, scope: Construct, inputs: DeviceRegistryInputs) -> None:
        self._scope, self._inputs = scope, inputs
        queues = RegistryQueues(
            scope,
            "queues",
            RegistryQueuesInputs(
                provider=inputs.provider,
                context=inputs.context,
                account_id=inputs.account_id,
                topic_arn=inputs.topic_arn,
            ),
        ).outputs
        self._sources(queues)
        registry = RegistryInputs(
            provider=inputs.provider,
            context=inputs.context,
            account_id=inputs.account_id,
            regions=inputs.regions,
            table=inputs.table,
            table_arn=inputs.table_arn,
            queues=queues,
            parallelization_factor=inputs.parallelization_factor,
            excluded_policies=inputs.excluded_policies,
            excluded_ca_certificates=inputs.excluded_ca_certificates,
            copy_reported=inputs.copy_reported,
            deletion_percent=inputs.deletion_percent,
            topic_arn=inputs.topic_arn,
        )
        functions = self._functions(registry)
        self._recovery_point(queues)
        self.outputs = DeviceRegistryOutputs(
            queues=queues,
            reconcile_function=functions["reconcile"].name,
            functions=[
                before for function in functions.values() for before in function.dependencies
            ],
        )

    def _sources(self, queues: RegistryQueuesOutputs) -> None:
        inputs = self._inputs
        events = RegistryEventsInputs(
            provider=inputs.provider,
            context=inputs.context,
            account_id=inputs.account_id,
            changes=queues.changes,
            shadows=queues.shadows,
            error_queue=queues.dead_letters,
        )
        RegistryEvents(self._scope, "events", events)
        if inputs.creates_trail:
            trail = RegistryTrailInputs(
                provider=inputs.provider,
                context=inputs.context,
                account_id=inputs.account_id,
                bucket_name=inputs.trail_bucket,
            )
            RegistryTrail(self._scope, "trail", trail)
        calls = RegistryCallsInputs(
            provider=inputs.provider,
            context=inputs.context,
            changes=queues.changes,
            dead_letter_queue=queues.dead_letters,
        )
        RegistryCalls(self._scope, "calls", calls)

    def _recovery_point(self, queues: RegistryQueuesOutputs) -> None:
        inputs = self._inputs
        pulses = RegistryPulsesInputs(
            provider=inputs.provider,
            context=inputs.context,
            queues=queues,
            topic_arn=inputs.topic_arn,
        )
        RegistryPulses(self._scope, "pulses", pulses)
        # The roles of the telemetry's stack have no room for one more alarm.
        tables = {"registry": inputs.table, "states": state_table(inputs.context)}
        for subject, table in tables.items():
            replication = ReplicationAlarmInputs(
                provider=inputs.provider,
                context=inputs.context,
                slot=f"{subject}_replication",
                subject=subject,
                table=table,
                topic_arn=inputs.topic_arn,
            )
            ReplicationAlarm(self._scope, f"{subject}_replication", replication)

    def _functions(self, registry: RegistryInputs) -> dict[str, FunctionOutputs]:
        table = LocalTableInputs(
            provider=registry.provider, slot="device_registry", name=registry.table
        )
        stream_arn = LocalTable(self._scope, "table", table).outputs.stream_arn
        apply = RegistryApplyInputs(registry=registry, stream_arn=stream_arn)
        reconcile = RegistryReconcileInputs(
            registry=registry,
            interval_hours=self._inputs.reconcile_hours,
            rate=self._inputs.reconcile_rate,
        )
        return {
            "capture": RegistryCapture(self._scope, "capture", registry).outputs,
            "apply": RegistryApply(self._scope, "apply", apply).outputs,
            "reconcile": RegistryReconcile(self._scope, "reconcile", reconcile).outputs,
        }
