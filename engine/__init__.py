"""A BPMN engine for any organisation; this file is its one door."""
