"""A Lambda function with its log group and role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf import AssetType, ITerraformDependable, TerraformAsset
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction, LambdaFunctionEnvironment
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.context import Context
from modules.function_limits import ARCHITECTURES
from modules.function_package import function_package
from modules.inputs import require
from modules.module import Module
from modules.number import Number, is_within
from modules.policy_document import allow, policy_document

_RUNTIME = "python3.13"
FUNCTION_LOG_DAYS = 30
"""Days for which logs are kept."""
# docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_LONGEST = 900


@dataclass(frozen=True, kw_only=True)
class FunctionInputs:
    """The source package (`functions/{package}`), its environment variables and its permissions.

    `slot` is the logical id of its resources. `name` is unique in its region, `role_name` in the
    account. `statements` are added to the permission to write its log. `timeout` is in seconds,
    `memory` in MB. `reserved_concurrency` is what it needs; the context may say otherwise.
    Resources in `after` are created or changed before the function.
    """

    provider: AwsProvider
    context: Context
    package: str
    slot: str
    name: str
    role_name: str
    description: str
    variables: Mapping[str, str]
    statements: Sequence[Mapping[str, Any]]
    timeout: Number
    memory: int
    reserved_concurrency: Number
    after: Sequence[ITerraformDependable] = ()


@dataclass(frozen=True, kw_only=True)
class FunctionOutputs:
    """The function's name and ARNs; `dependencies` is for the `depends_on` of dependents."""

    name: str
    arn: str
    invoke_arn: str
    dependencies: Sequence[ITerraformDependable]


class Function(Module):
    """A Lambda function on arm64 with a log group of 30 days and a role of its own.

    The role has no managed policy: it may write that log, and do what its statements allow. The log
    group is created before the function, since the one that Lambda creates never expires
    (docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html). Raises InputError for a
    timeout outside 1 to 900 seconds, and as `function_package` does.
    """

    def __init__(self, scope: Construct, id_: str, inputs: FunctionInputs) -> None:
        timeout = inputs.timeout
        require(is_within(timeout, 1, _LONGEST), Function, "timeout", timeout, "1 to 900 seconds")
        super().__init__(scope, id_)
        self._inputs = inputs
        log = self.flat(
            CloudwatchLogGroup(
                self,
                "log",
                provider=inputs.provider,
                name=f"/aws/lambda/{inputs.name}",
                retention_in_days=FUNCTION_LOG_DAYS,
            ),
            inputs.slot,
        )
        role, policy = self._role(log)
        function = self._function(role, [log, policy, *inputs.after])
        self.outputs = FunctionOutputs(
            name=function.function_name,
            arn=function.arn,
            invoke_arn=function.invoke_arn,
            dependencies=[function],
        )

    def _role(self, log: CloudwatchLogGroup) -> tuple[IamRole, IamRolePolicy]:
        inputs = self._inputs
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        logging = allow(
            "WriteOwnLog", ["logs:CreateLogStream", "logs:PutLogEvents"], f"{log.arn}:*"
        )
        role = self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.role_name,
                assume_role_policy=policy_document([trust]),
                permissions_boundary=inputs.context.function_boundary_arn,
            ),
            inputs.slot,
        )
        policy = self.flat(
            IamRolePolicy(
                self,
                "policy",
                provider=inputs.provider,
                name=inputs.package,
                role=role.name,
                policy=policy_document([logging, *inputs.statements]),
            ),
            inputs.slot,
        )
        return role, policy

    def _function(self, role: IamRole, before: Sequence[Any]) -> LambdaFunction:
        inputs = self._inputs
        package = function_package(inputs.package)
        asset = TerraformAsset(self, "code", path=str(package.path), type=AssetType.FILE)
        return self.flat(
            LambdaFunction(
                self,
                "function",
                provider=inputs.provider,
                function_name=inputs.name,
                description=inputs.description,
                role=role.arn,
                filename=asset.path,
                source_code_hash=package.sha256,
                handler=f"functions.{inputs.package}.handler.handle",
                runtime=_RUNTIME,
                architectures=[*ARCHITECTURES],
                memory_size=inputs.memory,
                timeout=inputs.timeout,
                reserved_concurrent_executions=inputs.context.reserved(
                    inputs.package, inputs.reserved_concurrency
                ),
                environment=LambdaFunctionEnvironment(variables=dict(inputs.variables)),
                depends_on=list(before),
            ),
            inputs.slot,
        )
