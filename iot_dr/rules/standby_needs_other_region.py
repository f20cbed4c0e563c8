"""A region that cannot serve devices without another region."""

from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.table_copies import TableCopies
from iot_dr.route53.aws_host import is_region, regional_names_in
from iot_dr.route53.failover import primary_region
from iot_dr.route53.terraform_records import declared_names
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.rules.support.references import referenced_in
from iot_dr.rules.support.regional_stack import existing_resources, regional_stacks
from iot_dr.rules.support.strings import strings
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.json_value import mappings
from iot_dr.terraform_json.json_value import text as text_in
from iot_dr.terraform_json.policy_statements import statements
from iot_dr.terraform_json.region import is_global
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "standby-needs-other-region"
_ADVICE: Final = (
    "If that region is lost, this one stops serving too: use the counterpart in its own region."
)
_DESCRIPTIVE: Final = ("tags", "tags_all", "description", "comment")
_ROUTING: Final = ("failover", "weighted", "latency", "geolocation", "geoproximity")

# Types that replicate data from another region, and are not used to serve devices: if that region
# is lost, replication stops and the copy keeps serving (docs.aws.amazon.com/whitepapers/latest/
# disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html; the types and
# arguments are those of registry.terraform.io/providers/hashicorp/aws/latest/docs).
_CROSSING: Final = (
    # Tables and keys with a copy in each of several regions.
    "aws_dynamodb_global_table",
    "aws_dynamodb_table_replica",
    "aws_kms_replica_",
    # Global clusters; each regional cluster answers reads by itself.
    "aws_docdb_global_cluster",
    "aws_elasticache_global_replication_group",
    "aws_memorydb_multi_region_cluster",
    "aws_neptune_global_cluster",
    "aws_rds_global_cluster",
    # Copies in the background; readers use the copy in their own region.
    "aws_backup_plan",
    "aws_datasync_",
    "aws_db_instance_automated_backups_replication",
    "aws_db_snapshot_copy",
    "aws_dms_",
    "aws_ebs_snapshot_copy",
    "aws_ecr_replication_configuration",
    "aws_efs_replication_configuration",
    "aws_msk_replicator",
    "aws_redshift_snapshot_copy",
    "aws_s3_bucket_replication_configuration",
    # An access point for buckets in several regions, which skips a lost one.
    "aws_s3control_multi_region_access_point",
    # Connections between networks; the resources that use them are checked themselves.
    "aws_ec2_transit_gateway_peering_attachment",
    "aws_networkmanager_",
    "aws_vpc_peering_connection",
)
# Arguments that name the source or the destination of a replication, or a connection.
_BRING_OVER: Final = frozenset(
    (
        # A replica names its source, but can be promoted without it.
        *("replicate_source_db", "replication_source_identifier"),
        # A member names its global cluster, which belongs to no single region.
        *("global_cluster_identifier", "global_replication_group_id"),
        "multi_region_cluster_name",
        # Blocks of replicas inside the source.
        *("replica", "replication_configuration", "snapshot_copy"),
        # A route or a firewall rule allows traffic, but needs none.
        *("vpc_peering_connection_id", "transit_gateway_attachment_id", "core_network_arn"),
        *("cidr_block", "ipv6_cidr_block", "cidr_blocks", "ipv6_cidr_blocks"),
        *("cidr_ipv4", "cidr_ipv6", "destination_cidr_block", "destination_ipv6_cidr_block"),
    )
)
# Permissions of replication roles (docs.aws.amazon.com/AmazonS3/latest/userguide/
# setting-repl-config-perm-overview.html; docs.aws.amazon.com/AmazonECR/latest/userguide/
# registry-permissions-examples.html).
_REPLICATE: Final = (
    "s3:replicate",
    "s3:objectowneroverridetobucketowner",
    "ecr:replicateimage",
)

_ROLE: Final = "aws_iam_role"
_POLICY: Final = "aws_iam_policy"
_ATTACHMENT: Final = "aws_iam_role_policy_attachment"
_OTHER_ATTACHMENT: Final = "aws_iam_policy_attachment"
_BUILDERS: Final = {"codebuild.amazonaws.com", "codepipeline.amazonaws.com"}


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    regional = {each.stack.name: each.region for each in regional_stacks(resources)}
    primary = primary_region(resources)
    for stack in resources.stacks:
        own = regional.get(stack.name)
        for resource in existing_resources(stack):
            if own and resource.type == "aws_route53_record":
                need = _record_need(resources, resource, own)
            elif own:
                need = _need(resources, resource, own)
            else:
                need = _standby_need(resources, resource, primary)
            if need and not _is_of_builds(resources, resource):
                yield finding_at(resource, _ID, f"{need}. {_ADVICE}")


def _need(resources: ResourceSet, resource: Resource, own: str) -> str | None:
    """Return how a resource of a regional stack depends on another region, None if it does not."""
    is_judged = resource.type.startswith("aws_iam_") or not is_global(resource.type)
    if resource.region not in (own, None) or not is_judged:
        return None
    needs = (each for each in _needs(resources, resource) if each[1] != own)
    return next((f"{what} is in {region}" for what, region in needs), None) or _named(resource, own)


def _standby_need(resources: ResourceSet, resource: Resource, primary: str | None) -> str | None:
    """Return how a standby's resource depends on the primary, None if it does not.

    The resource is in a stack of several regions. IAM policies are not checked: such a stack has
    watchers that access other regions.
    """
    if primary is None or resource.region in (primary, None) or is_global(resource.type):
        return None
    needs = (each for each in _needs(resources, resource) if each[1] == primary)
    return next((f"{what} is in {region}" for what, region in needs), None)


def _needs(resources: ResourceSet, resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield each regional object that an argument names, as text, with its region."""
    if resource.type.startswith(_CROSSING):
        return
    values = {key: resource.values[key] for key in resource.values if key not in _DESCRIPTIVE}
    for path, whole in strings(values):
        if not _BRING_OVER.isdisjoint(path.split(".")):
            continue
        for text in _run_time_texts(whole):
            for name, region in regional_names_in(text):
                yield f"{path} names {name}, which", region
            for referred in referenced_in(resources, resource, text):
                if _has_own_copy(resources, resource, referred, text):
                    continue
                if referred.region and not is_global(referred.type):
                    yield f"{path} refers to {referred.address}, which", referred.region


def _has_own_copy(
    resources: ResourceSet, resource: Resource, referred: Resource, text: str
) -> bool:
    """Whether a text is the name of a table with a replica in the resource's region.

    A replica has the table's name, and an ARN of its own; one in an unknown region may be there.
    """
    if referred.type != "aws_dynamodb_table" or "arn:" in text or ".arn" in text:
        return False
    regions = TableCopies(resources).regions(referred)
    return regions is None or resource.region in regions


def _run_time_texts(text: str) -> Iterator[str]:
    """Yield a text; for a policy, the resources that it allows for more than replication.

    Conditions are ignored, since they need no region.
    """
    policy = statements(text)
    if policy is None:
        yield text
        return
    for statement in policy:
        actions = texts(statement.get("Action"))
        replicates = actions and all(each.lower().startswith(_REPLICATE) for each in actions)
        if statement.get("Effect") == "Allow" and not replicates:
            yield from (each for _, each in strings(statement.get("Resource")))


def _named(resource: Resource, own: str) -> str | None:
    """Return which environment variable of a function names another region, None if none does."""
    for environment in blocks(resource.values, "environment"):
        for name, text in strings(environment.get("variables")):
            if is_region(text) and text != own:
                return f"the environment variable {name} is {text}"
    return None


def _record_need(resources: ResourceSet, resource: Resource, own: str) -> str | None:
    """Return how a record points to AWS IoT in another region, None if it does not.

    A record whose routing policy chooses between regions, such as failover, is ignored.
    """
    names = declared_names(resources)
    record = names.record_of(resource)
    if record is None or record.routing in _ROUTING:
        return None
    regions = {end.region for end in names.destinations(record) if end.is_iot}
    other_regions = sorted(region for region in regions if region and region != own)
    return f"the name points to AWS IoT in {other_regions[0]}" if other_regions else None


def _is_of_builds(resources: ResourceSet, resource: Resource) -> bool:
    """Whether a policy applies only to roles of CodeBuild or CodePipeline."""
    if resource.type == "aws_iam_role_policy":
        role = resources.referenced(resource, resource.values.get("role"), _ROLE)
        return role is not None and _is_a_builds(role)
    return resource.type == _POLICY and _is_for_builds_alone(resources, resource)


def _is_for_builds_alone(resources: ResourceSet, policy: Resource) -> bool:
    capped = [
        role
        for role in resources.of_type(_ROLE)
        if resources.referenced(role, role.values.get("permissions_boundary")) is policy
    ]
    given = [
        resources.referenced(attachment, attachment.values.get("role"), _ROLE)
        for attachment in resources.of_type(_ATTACHMENT)
        if resources.referenced(attachment, attachment.values.get("policy_arn")) is policy
    ]
    is_elsewhere = any(
        resources.referenced(attachment, attachment.values.get("policy_arn")) is policy
        for attachment in resources.of_type(_OTHER_ATTACHMENT)
    )
    roles = [*capped, *given]
    all_builds = all(role is not None and _is_a_builds(role) for role in roles)
    return bool(roles) and all_builds and not is_elsewhere


def _is_a_builds(role: Resource) -> bool:
    """Whether only CodeBuild or CodePipeline can assume a role."""
    trust = statements(text_in(role.values.get("assume_role_policy"))) or ()
    principals = [each.get("Principal") for each in trust if each.get("Effect") == "Allow"]
    services = {name for each in principals for _, name in strings(each)}
    only_services = all(
        principal_block.keys() == {"Service"}
        for principal in principals
        for principal_block in mappings(principal)
    )
    return bool(services) and services <= _BUILDERS and only_services


RULE: Final = Rule(
    id=_ID,
    title="No region that needs another one at run time",
    why="A function, a rule, a role or a name in the standby that needs a table, a queue or an"
    " endpoint of the lost region fails with it, and nobody notices before the outage. Replication,"
    " global tables and clusters, and connections between networks are allowed: the replicated data"
    " keeps serving. Permissions of builds, which serve no devices, are allowed too.",
    source="docs.aws.amazon.com/prescriptive-guidance/latest/aws-multi-region-fundamentals;"
    " docs.aws.amazon.com/wellarchitected/latest/iot-lens, reliability",
    find=_find,
)
