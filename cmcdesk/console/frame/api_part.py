"""The parts of the API, and the application that they are registered on.

What /openapi.json says of an operation is made when somebody asks: making it takes a fifth of the program's start.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.types import ParametersTuple, SecuritySchemesDict
from flask_openapi3.utils import parse_parameters

from cmcdesk.console.frame.api_shapes import COMMON, Errors, Shape
from cmcdesk.console.frame.late_rule import LateRule

TOKEN = "token"  # the API's security scheme
DESCRIBING = threading.Lock()


class ApiPart(APIBlueprint):
    """Operations under one prefix. The document lists them under `subject`; each may answer `errors` too."""

    def __init__(
        self,
        name: str,
        import_name: str,
        subject: str,
        prefix: str = "/api/v1",
        errors: dict[int, type[Shape]] | None = None,
    ) -> None:
        super().__init__(
            name,
            import_name,
            url_prefix=prefix,
            abp_tags=[Tag(name=subject)],
            abp_security=[{TOKEN: []}],
            abp_responses=COMMON | (errors or {}),
        )
        self._undescribed: list[Callable[[], object]] = []

    def describe(self) -> None:
        """Fill `paths`, `tags` and `components_schemas` with what was declared, once."""
        while self._undescribed:
            self._undescribed.pop(0)()

    def _collect_openapi_info(self, rule: str, func: Callable[..., Any], **told: Any) -> ParametersTuple:
        self._undescribed.append(partial(super()._collect_openapi_info, rule, func, **told))
        return parse_parameters(func, doc_ui=False)


class ApiApp(OpenAPI):
    """An operation of the API returns its shape, or that and a status."""

    url_rule_class = LateRule

    def __init__(self, import_name: str, **options: Any) -> None:
        schemes: SecuritySchemesDict = {TOKEN: {"type": "http", "scheme": "bearer"}}
        super().__init__(import_name, security_schemes=schemes, validation_error_model=Errors, doc_ui=False, **options)
        self._parts: list[ApiPart] = []

    def make_response(self, rv: Any) -> Response:
        if isinstance(rv, Shape):
            rv = rv.as_json()
        elif isinstance(rv, tuple) and isinstance(rv[0], Shape):
            rv = (rv[0].as_json(), *rv[1:])
        return super().make_response(rv)

    def add_part(self, part: ApiPart) -> None:
        """Answer its operations; `api_doc` tells of them."""
        self._parts.append(part)
        self.register_blueprint(part)

    @property
    def api_doc(self) -> dict[str, Any]:
        with DESCRIBING:  # the parts are shared by all applications of the program
            if not self.spec_json:
                self._describe_parts()
            document: dict[str, Any] = super().api_doc
        return document

    def _describe_parts(self) -> None:
        for part in self._parts:
            part.describe()
            self.tags.extend(tag for tag in part.tags if tag not in self.tags)
            self.paths.update(part.paths)
            self.components_schemas.update(part.components_schemas)
