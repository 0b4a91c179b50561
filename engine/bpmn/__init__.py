"""BPMN 2.0 files as plain values: the hardened reader, and the model that the gate checks and the interpreter runs."""
