"""Ways in which a role could make itself stronger, none of which leads anywhere."""

from dataclasses import replace

import pytest

from tests.stacks.permissions.examples import ACCOUNT
from tests.stacks.permissions.walked import HERE, OTHER, walked
from tests.support.iam import Call, Role

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ROLES = f"arn:aws:iam::{ACCOUNT}:role"
POLICIES = f"arn:aws:iam::{ACCOUNT}:policy/iot-dr/example-dev"
OWN = {"aws:ResourceTag/Project": "example", "aws:ResourceTag/Environment": "dev"}


def iam(action: str, resource: str, **context: str) -> Call:
    keys = {"boundary": "iam:PermissionsBoundary", "service": "iam:PassedToService"}
    return Call(f"iam:{action}", resource, {keys[key]: text for key, text in context.items()})


SELF = f"{ROLES}/iot-dr/example-dev-apply-pipeline-{HERE}"
TWIN = f"{ROLES}/iot-dr/example-dev-apply-pipeline-{OTHER}"
PLAIN = f"{ROLES}/iot-dr/example-dev-apply-{HERE}-{HERE}"
CAP = f"{POLICIES}-pipeline-boundary-{HERE}"
CODEBUILD = "codebuild.amazonaws.com"
# What other scopes do, and so the boundary of all of them allows.
OTHER_SCOPES = {
    *("codebuild:StartBuild", "kms:PutKeyPolicy", "lambda:CreateFunction", "s3:PutBucketPolicy"),
}

ESCALATIONS = [
    *(
        iam(action, role, boundary=CAP)
        for role in (SELF, TWIN)
        for action in ("PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary")
    ),
    *(
        iam(action, role, boundary=CAP)
        for role in (SELF, TWIN)
        for action in ("CreateRole", "DeleteRole", "DeleteRolePolicy", "TagRole", "UpdateRole")
    ),
    *(iam("UpdateAssumeRolePolicy", role) for role in (SELF, TWIN, PLAIN, f"{ROLES}/other")),
    *(iam("DeleteRolePermissionsBoundary", role) for role in (SELF, TWIN, PLAIN)),
    *(
        iam(action, f"{POLICIES}-{kind}")
        for kind in (
            "function-boundary",
            *(f"pipeline-boundary-{region}" for region in (HERE, OTHER, "us-west-2")),
        )
        for action in (
            *("CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion"),
            *("DeletePolicy", "DeletePolicyVersion"),
        )
    ),
    *(
        iam(action, PLAIN)
        for action in ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary")
    ),
    *(
        iam(action, PLAIN, boundary=boundary)
        for action in ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary")
        for boundary in (ADMIN, f"arn:aws:iam::{ACCOUNT}:policy/example-dev-pipeline-boundary-x")
    ),
    iam("AttachRolePolicy", PLAIN, boundary=CAP),
    *(
        iam("CreateRole", f"{ROLES}{path}", boundary=CAP)
        for path in ("/example-dev-apply-x", "/other", "/iot-dr/other-dev-apply-x")
    ),
    iam("PassRole", f"{ROLES}/Admin", service=CODEBUILD),
    iam("PassRole", f"{ROLES}/example-dev-canary-{HERE}", service=CODEBUILD),
    *(
        iam("PassRole", role, service=service)
        for role in (SELF, PLAIN)
        for service in ("lambda.amazonaws.com", "ec2.amazonaws.com", "cloudformation.amazonaws.com")
    ),
    *(
        iam(action, f"arn:aws:iam::{ACCOUNT}:user/x")
        for action in ("CreateUser", "CreateAccessKey")
    ),
    *(iam(action, f"arn:aws:iam::{ACCOUNT}:user/x") for action in ("PutUserPolicy", "TagUser")),
    iam("CreateServiceLinkedRole", f"{ROLES}/aws-service-role/x"),
    iam("CreateOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/x"),
    Call("sts:AssumeRole", f"{ROLES}/Admin"),
    Call("sts:AssumeRole", PLAIN),
    Call("lambda:CreateFunction", f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:example-dev-canary"),
    Call("codebuild:StartBuild", f"arn:aws:codebuild:{HERE}:{ACCOUNT}:project/example-dev-plan-x"),
    Call(
        "kms:PutKeyPolicy",
        f"arn:aws:kms:{HERE}:{ACCOUNT}:key/alarms",
        {**OWN, "aws:RequestedRegion": HERE},
    ),
    Call("s3:PutBucketPolicy", f"arn:aws:s3:::example-iot-dev-{HERE}"),
    Call("organizations:LeaveOrganization", "*"),
]


@pytest.mark.parametrize("call", ESCALATIONS, ids=lambda call: f"{call.action}-{call.resource}")
def test_the_pipeline_s_role_cannot_make_itself_stronger(call: Call) -> None:
    assert not walked()["apply-pipeline"].may(at_best(call))


@pytest.mark.parametrize("call", ESCALATIONS, ids=lambda call: f"{call.action}-{call.resource}")
def test_nor_can_a_role_that_it_makes_with_the_boundary_whatever_its_policy(call: Call) -> None:
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    strongest = Role(everything, walked()["apply-pipeline"].boundary)
    assert strongest.may(at_best(call)) == (call.action in OTHER_SCOPES)


@pytest.mark.parametrize("role", [SELF, TWIN])
def test_its_own_policy_keeps_it_from_itself_even_without_the_boundary(role: str) -> None:
    unbounded = replace(walked()["apply-pipeline"], boundary=None)
    assert not unbounded.may(at_best(iam("PutRolePolicy", role, boundary=CAP)))


def at_best(call: Call) -> Call:
    """Return a call in a region that the role works in."""
    return Call(call.action, call.resource, {"aws:RequestedRegion": HERE, **call.context})
