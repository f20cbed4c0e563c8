"""Permissions on roles, their policies, and keys."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import BEING_TAGGED, TAGGED, Permission

_ROLE = ("arn:aws:iam::{account}:role{path}{name}",)
_POLICY = ("arn:aws:iam::{account}:policy{path}{name}",)
_KEY = ("arn:aws:kms:{region}:{account}:key/*",)
# A pattern, for the pipeline's region may change; what matches it no role of a pipeline can make.
_BOUNDED = {"ArnLike": {"iam:PermissionsBoundary": "{boundary}"}}

# What a role may be trusted by is set when it is made: `iam:UpdateAssumeRolePolicy` is for a
# person. Nobody takes a boundary away: `iam:DeleteRolePermissionsBoundary` is nowhere.
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
    ),
    "aws_iam_role_policy_attachment": (
        Permission(
            resources=_ROLE,
            read=("iam:ListAttachedRolePolicies",),
            is_regional=False,
        ),
    ),
    # Boundaries and what is attached to roles are read, and changed by a person alone.
    "aws_iam_policy": (
        Permission(
            resources=_POLICY,
            read=("iam:GetPolicy", "iam:GetPolicyVersion"),
            is_regional=False,
        ),
    ),
    "aws_kms_key": (
        # A new key has its tags and its policy from the beginning, and no ARN yet:
        # docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html
        Permission(
            resources=("*",),
            write=("kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"),
            condition=BEING_TAGGED,
            part="becomes",
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
            part="is",
        ),
    ),
}
