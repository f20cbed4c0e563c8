"""Terraform's `removed` block, for which CDKTF has no type."""


def removed(address: str) -> dict[str, object]:
    """Return the block with which Terraform forgets a resource without destroying it.

    It has no effect if the state does not have the resource. Source:
    developer.hashicorp.com/terraform/language/block/removed (Terraform 1.7).
    """
    return {"from": address, "lifecycle": {"destroy": False}}
