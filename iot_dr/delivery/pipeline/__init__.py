"""What the builds of a pipeline ask and tell, and which of two pipelines is the active one."""
