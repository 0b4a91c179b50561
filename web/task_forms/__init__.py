"""Task forms: the stored form-js schema, read, shown as accessible HTML, and checked on the server."""

from __future__ import annotations

from web.task_forms.binding import BoundForm, Control, FormError, TaskForm
from web.task_forms.schema import Field, FieldType, FormSchemaError, Option, parse_form

__all__ = [
    "BoundForm",
    "Control",
    "Field",
    "FieldType",
    "FormError",
    "FormSchemaError",
    "Option",
    "TaskForm",
    "parse_form",
]
