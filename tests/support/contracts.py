"""Contracts of modules: an example, and a strategy."""

from typing import Any, Final

from hypothesis import strategies as st

from iot_dr.emit.contract import REQUIRED, Contract, Output, Validation, Variable

ZONE: Final = Contract(
    name="zone",
    aliases=("aws.standby",),
    variables=(
        Variable(
            name="domain",
            type="string",
            description="The domain.",
            validations=(Validation(condition="var.domain != 1", error="Give a domain."),),
        ),
        Variable(name="ttl", type="number", description="Seconds.", default=60),
        Variable(name="key", type="string", description="A key.", default=None, nullable=True),
    ),
    outputs=(Output(name="id", description="The id.", value="aws_route53_zone.zone.id"),),
    resources=("aws_route53_zone.zone",),
    data_sources=("data.aws_region.this",),
    modules=("module.alarm",),
    versions={"terraform": ">= 1.9", "aws": ">= 6.2, < 7.0"},
    providers=("aws", "aws.standby"),
    sources={"module.alarm": "./modules/alarm"},
    placed={"aws_route53_zone.zone": "aws"},
)
"""A contract with one of each item."""

_names: Final = st.sampled_from(["a", "b", "c"])
_texts: Final = st.sampled_from(["", "one", "two `é`"])
_values: Final[st.SearchStrategy[Any]] = st.sampled_from([None, True, 1, "x", [], {"b": 1, "a": 2}])
_constraints: Final = st.sampled_from([">= 1.0", ">= 1.2, < 2.0", "~> 1.2", "!= 1.0"])
_rules: Final = st.builds(Validation, condition=_texts, error=_texts)


def _each_once(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=3, unique_by=lambda each: each.name).map(tuple)


def _some(prefix: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(_names).map(lambda names: tuple(f"{prefix}.{name}" for name in names))


contracts: Final = st.builds(
    Contract,
    name=st.just("it"),
    aliases=_some("aws"),
    variables=_each_once(
        st.builds(
            Variable,
            name=_names,
            type=st.sampled_from(["string", "number"]),
            description=_texts,
            default=st.just(REQUIRED) | _values,
            validations=st.lists(_rules, max_size=2).map(tuple),
            nullable=st.booleans(),
        )
    ),
    outputs=_each_once(
        st.builds(Output, name=_names, description=_texts, value=_texts, sensitive=st.booleans())
    ),
    resources=_some("aws_x"),
    data_sources=_some("data.aws_x"),
    modules=_some("module"),
    versions=st.dictionaries(st.sampled_from(["terraform", "aws"]), _constraints),
    providers=st.sampled_from([(), ("aws",), ("aws", "aws.a")]),
    sources=st.dictionaries(st.sampled_from(["module.a", "module.b"]), _texts),
    placed=st.dictionaries(st.sampled_from(["aws_x.a", "aws_x.b"]), st.sampled_from(["aws", "b"])),
)
"""Contracts of one module from few words, so that two often have something in common."""
