"""Single probes of what is assumed of AWS: minutes and cents, without a whole acceptance run."""
