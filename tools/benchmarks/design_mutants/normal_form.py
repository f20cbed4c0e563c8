"""The normal form of a resource: two resources with the same one are the same in AWS."""

import json
from collections.abc import Mapping
from typing import Final

from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.identity import DEFAULT_ACCOUNT, Origin
from iot_dr.terraform.standin.planning import set_defaults, set_normal
from iot_dr.terraform.standin.services import behaviour_of
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.region import is_global
from tools.benchmarks.design_mutants.design import BaseDesign, Edit, Mutant
from tools.benchmarks.design_mutants.validation import configuration

# docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html: a label.
_LABEL: Final = "Sid"
# Defaults of AWS that the provider does not read back; a Lambda function is invoked by POST. Pages
# of Route53's API_HealthCheckConfig (RequestInterval) and of EventBridge's API_PutRule (State).
AWS_DEFAULTS: Final[Mapping[str, Mapping[str, Json]]] = {
    "aws_apigatewayv2_integration": {"integration_method": "POST"},
    "aws_cloudwatch_event_rule": {"is_enabled": True, "state": "ENABLED"},
    "aws_route53_health_check": {"request_interval": 30},
}
_ONE_OR_MORE: Final = frozenset(("Action", "NotAction", "NotResource", "Resource"))


def is_same(design: BaseDesign, schema: SchemaCache, mutant: Mutant) -> bool:
    """Whether every changed resource has the normal form that it had without the mutant.

    Defaults of the provider and of AWS are written out, values are in the provider's own spelling,
    references are followed, as to alarms of one name in two regions, and policies are parsed. A
    resource of a global service belongs to no region.
    """
    changed = design.mutated_documents(mutant)
    return all(
        edit.root
        and _form(design, schema, edit, design.documents) == _form(design, schema, edit, changed)
        for edit in mutant.edits
    )


def _form(
    design: BaseDesign, schema: SchemaCache, edit: Edit, documents: Mapping[str, Json]
) -> object:
    document, resource = documents[edit.stack], design.resource(edit)
    body = document[edit.kind][edit.type][edit.name]
    block, behaviour = schema.block(edit.kind, edit.type), behaviour_of(edit.kind, edit.type)
    state = configuration(
        block, body, unknown=lambda text: str(design.resources.resolve(resource, text))
    )
    state |= {name: _policy(value) for name, value in state.items() if isinstance(value, str)}
    set_defaults(state, behaviour.defaults)
    set_normal(behaviour, state)
    set_defaults(state, behaviour.defaults_from_aws)
    computed = dict(behaviour.computed_on_apply(state, Origin(DEFAULT_ACCOUNT, "")))
    computed |= AWS_DEFAULTS.get(edit.type, {})
    for name, attribute in block.attributes.items():
        if attribute.optional and name != "id" and state[name] is None:
            state[name] = computed.get(name)
    own = _region(document, body.get("provider"))
    region = None if is_global(edit.type) else state.get("region") or own
    # Without a provider that is configured, Terraform can do nothing.
    return {**state, "region": region, "provider": own is not None}


def _region(document: Json, provider: str | None) -> str | None:
    regions = {f"aws.{each['alias']}": each["region"] for each in document["provider"]["aws"]}
    return regions.get(provider or "")


def _policy(text: str) -> Json:
    """Return a policy without labels and with single values as lists; any other text as it is."""
    if not text.startswith("{"):
        return text
    document = json.loads(text)
    for statement in document.get("Statement", ()):
        statement.pop(_LABEL, None)
        for key in _ONE_OR_MORE & statement.keys():
            value = statement[key]
            statement[key] = sorted(value) if isinstance(value, list) else [value]
    return document
