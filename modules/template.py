"""Literal text in Terraform's JSON, importable without CDKTF."""


def escaped(text: str) -> str:
    """Escape `${` and `%{`, which would begin an expression."""
    return text.replace("${", "$${").replace("%{", "%%{")
