"""Permissions for IAM roles and policies, and KMS keys."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_ROLE = ("arn:aws:iam::{account}:role{path}{name}",)
_POLICY = ("arn:aws:iam::{account}:policy{path}{name}",)
_KEY = ("arn:aws:kms:{region}:{account}:key/*",)
# A pattern, since the pipeline's region can change; no pipeline role can create a policy that
# matches it.
_BOUNDED = {"ArnLike": {"iam:PermissionsBoundary": "{boundary}"}}

# A trust policy is set at creation and only a person changes it. Boundaries are never removed.
IDENTITIES: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_iam_role": (
        Permission(
            resources=_ROLE,
            read=(
                "iam:GetRole",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
            ),
            write=(
                "iam:DeleteRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ),
            is_regional=False,
        ),
        # docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        Permission(
            resources=_ROLE,
            write=("iam:CreateRole", "iam:PutRolePermissionsBoundary"),
            condition=_BOUNDED,
            is_regional=False,
        ),
        Permission(
            resources=_ROLE,
            write=("iam:PassRole",),
            condition={"StringEquals": {"iam:PassedToService": "{kind}"}},
            is_regional=False,
        ),
        # Without a pipeline, roles have no boundary; a person also creates the role that applies
        # pipelines.
        Permission(
            resources=_ROLE,
            person=(
                "iam:CreateRole",
                "iam:DeleteRolePermissionsBoundary",
                "iam:PutRolePermissionsBoundary",
                "iam:UpdateAssumeRolePolicy",
            ),
            is_regional=False,
        ),
    ),
    "aws_iam_role_policy": (
        Permission(
            resources=_ROLE,
            read=("iam:GetRolePolicy",),
            write=("iam:DeleteRolePolicy",),
            is_regional=False,
        ),
        Permission(
            resources=_ROLE,
            write=("iam:PutRolePolicy",),
            condition=_BOUNDED,
            is_regional=False,
        ),
        Permission(resources=_ROLE, person=("iam:PutRolePolicy",), is_regional=False),
    ),
    "aws_iam_role_policy_attachment": (
        Permission(
            resources=_ROLE,
            read=("iam:ListAttachedRolePolicies",),
            person=("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
            is_regional=False,
        ),
    ),
    # Only a person changes boundaries and managed policies.
    "aws_iam_policy": (
        Permission(
            resources=_POLICY,
            read=("iam:GetPolicy", "iam:GetPolicyVersion"),
            person=(
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:ListPolicyVersions",
                "iam:TagPolicy",
                "iam:UntagPolicy",
            ),
            is_regional=False,
        ),
    ),
    "aws_kms_key": (
        # CreateKey sets tags and policy before the key has an ARN, and a role that may tag what has
        # no tags may take over any key without: docs.aws.amazon.com/kms/latest/developerguide/
        # tag-permissions.html
        Permission(
            resources=("*",),
            person=("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"),
            condition=BEING_TAGGED,
        ),
        Permission(
            resources=_KEY,
            read=(
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
            ),
        ),
        Permission(
            resources=_KEY,
            write=(
                "kms:DisableKeyRotation",
                "kms:EnableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
            ),
            condition=TAGGED,
            has_pipeline_tag=True,
        ),
    ),
}
