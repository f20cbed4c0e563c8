"""What each role of a pipeline may do, by its scope."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from stacks.rights import data_holdings, holdings, states
from stacks.rights.estate import PATH, ROUTE53_REGION, Estate
from stacks.rights.held import Grant, Held, reading, writing
from stacks.rights.means import watching
from stacks.rights.policy import Statement, deny

# Everything by which a role becomes another one, or a policy says something else.
_CHANGE_ROLE = (
    *("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole*", "iam:DetachRolePolicy"),
    *("iam:PutRole*", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy"),
    "iam:UpdateRole*",
)
_CHANGE_POLICY = (
    *("iam:CreatePolicy*", "iam:DeletePolicy*", "iam:SetDefaultPolicyVersion", "iam:TagPolicy"),
    "iam:UntagPolicy",
)

_Way = Callable[[Estate, Held, tuple[str, ...]], Iterator[Grant]]


def apply_region(estate: Estate, region: str) -> Iterator[Grant]:
    """Change one region's stack and nothing else; no other region may be reached."""
    yield from _all(holdings.iot(estate, region), estate, (region,), reading, writing)
    yield from states.finding(estate)
    yield from states.keeping(estate, [(estate.regional_stacks[region], region)])
    yield from states.taking_turns(estate, estate.regional_stacks[region], region)


def apply_global(estate: Estate) -> Iterator[Grant]:
    """Change the state's, the zone's and the entry point's stacks, and read what regions tell."""
    held = (*holdings.state(estate), *holdings.hosted_zone(estate), *holdings.entry_point(estate))
    yield from _all(held, estate, _all_regions(estate), reading, writing)
    yield from states.reading_all(estate)
    yield from states.keeping(estate, [(name, estate.home) for name in estate.stacks.values()])


def attached(estate: Estate, scope: str) -> Mapping[str, Iterator[Grant]]:
    """Give what a role of a scope may do besides, by what it is for.

    Each is a policy of its own: in one with the rest they would be longer than IAM takes.
    """
    if not estate.has_data:
        return {}
    if scope == "global":
        held = data_holdings.data(estate)
        return {"data": _all(held, estate, _all_regions(estate), reading, writing)}
    if scope not in estate.regional_stacks:
        return {}
    functions = data_holdings.registry_functions(estate, scope)
    joining = list(data_holdings.provisioning(estate, scope))
    return {
        "telemetry": _beside(estate, scope, "telemetry", data_holdings.telemetry),
        "device-registry": _beside(estate, scope, "device-registry", data_holdings.registry_events),
        "registry-functions": _all(functions, estate, (scope,), reading, writing),
        **({"provisioning": _all(joining, estate, (scope,), reading, writing)} if joining else {}),
    }


def _beside(
    estate: Estate, region: str, kind: str, held: Callable[[Estate, str], Iterator[Held]]
) -> Iterator[Grant]:
    """Change another stack of a region."""
    yield from _all(held(estate, region), estate, (region,), reading, writing)
    stack = estate.data_stacks[kind][region]
    yield from states.keeping(estate, [(stack, region)])
    yield from states.taking_turns(estate, stack, region)


def apply_pipeline(estate: Estate) -> Iterator[Grant]:
    """Change the pipelines, as far as `kept_from_pipelines` lets it.

    A role with a boundary can be no stronger than that, and only roles with it are made, changed
    and passed on here. So it is the boundaries and its own role that must not change.
    """
    regions = tuple(estate.pipelines)
    yield from _all(holdings.pipeline(estate), estate, regions, reading, writing)
    yield from _passing_connections(estate)
    yield from states.finding(estate)
    stacks = [(name, region) for region, name in estate.pipeline_stacks.items()]
    yield from states.keeping(estate, stacks)


def kept_from_pipelines(estate: Estate) -> list[Statement]:
    """What no role of a pipeline may do: change a boundary, or a role that changes pipelines."""
    account, own = estate.account_id, estate.context.name("apply-pipeline")
    return [
        deny(_CHANGE_POLICY, [f"arn:aws:iam::{account}:policy{PATH}*"]),
        deny(_CHANGE_ROLE, [f"arn:aws:iam::{account}:role{PATH}{own}-*"]),
    ]


def plan(estate: Estate) -> Iterator[Grant]:
    """Read what all stacks hold, and their states; write nothing but the locks of states."""
    yield from _all(holdings.anything(estate), estate, _all_regions(estate), reading)
    yield from states.reading_all(estate)
    yield from states.locking_all(estate)


def verify(estate: Estate) -> Iterator[Grant]:
    """Read the states, and ask the alarms of every region."""
    yield from states.reading_all(estate)
    yield from watching(estate)


def _all(
    held: Iterable[Held], estate: Estate, regions: tuple[str, ...], *ways: _Way
) -> Iterator[Grant]:
    return (grant for each in held for way in ways for grant in way(estate, each, regions))


def _all_regions(estate: Estate) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*estate.regions, ROUTE53_REGION)))


def _passing_connections(estate: Estate) -> Iterator[Grant]:
    # Needed to put a connection into a pipeline: docs.aws.amazon.com/dtconsole/latest/userguide,
    # security-iam.html.
    for service in ("codeconnections", "codestar-connections"):
        yield Grant(
            (f"{service}:PassConnection",),
            estate.connection_arns,
            {"StringEquals": {f"{service}:PassedToService": "codepipeline.amazonaws.com"}},
        )
