"""Routes of the console whose addresses are cheap until they are first written.

Werkzeug compiles two Python functions for each route, by which `url_for` writes its address. With 250 routes that is a
third of the time that an application takes to be made, and a page uses twenty.
"""

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class LateRule(Rule):
    """A rule that compiles a builder when it is first used."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        made: list[Builder] = []

        def build(rule: Rule, **values: object) -> tuple[str, str]:
            if not made:
                made.append(super(LateRule, self)._compile_builder(append_unknown))
            return made[0](rule, **values)

        return build
