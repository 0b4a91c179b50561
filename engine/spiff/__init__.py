"""The token interpreter: BPMN semantics on SpiffWorkflow, which nothing outside this room imports."""
