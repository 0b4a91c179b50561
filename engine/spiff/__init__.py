"""The token interpreter: BPMN semantics on SpiffWorkflow, which nothing outside this room imports."""

from engine.spiff import feel_values as feel_values  # the codec learns FEEL's values before anything is read
