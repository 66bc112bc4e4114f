"""Which Python a script may use: checked on its syntax tree before anything of it is compiled."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any, Final

from RestrictedPython.transformer import RestrictingNodeTransformer, copy_locations

from smarty_script_router.modules import IMPORTABLE, no_module
from smarty_script_router.wire import Problem

SCRIPT: Final = "<script>"
"""File name of a script in tracebacks."""

_OPERATORS: Final = {
    ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/=", ast.FloorDiv: "//=", ast.Mod: "%=", ast.Pow: "**=",
    ast.LShift: "<<=", ast.RShift: ">>=", ast.BitOr: "|=", ast.BitXor: "^=", ast.BitAnd: "&=",
}  # fmt: skip


class Policy(RestrictingNodeTransformer):
    """RestrictedPython without classes and context managers, with `a[i] += x`, and with a look at names.

    `loaded` holds each name that is read and the line where it is first, `bound` all names that get a value.
    """

    def __init__(self, *collected: Any) -> None:
        super().__init__(*collected)
        self.problems: list[Problem] = []
        self.loaded: dict[str, int] = {}
        self.bound: set[str] = set()
        self._tries = 0

    def error(self, node: ast.AST, info: str) -> None:
        super().error(node, info)
        self.problems.append((getattr(node, "lineno", 0), info))

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.error(node, "Classes are not allowed.")
        return node

    def visit_With(self, node: ast.With) -> Any:
        self.error(node, "With statements are not allowed.")
        return node

    def visit_Name(self, node: ast.Name) -> Any:
        if isinstance(node.ctx, ast.Load):
            self.loaded.setdefault(node.id, node.lineno)
        else:
            self.bound.add(node.id)
        return super().visit_Name(node)

    def visit_arg(self, node: ast.arg) -> Any:
        self.bound.add(node.arg)
        return super().visit_arg(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.bound.add(node.name)
        if node.name.startswith("_"):
            self.error(node, f'"{node.name}" is an invalid function name because it starts with "_"')
            return node
        tries, self._tries = self._tries, 0
        try:
            return super().visit_FunctionDef(node)
        finally:
            self._tries = tries

    def visit_Try(self, node: ast.Try) -> Any:
        self._tries += 1
        try:
            return super().visit_Try(node)
        finally:
            self._tries -= 1

    def visit_Yield(self, node: ast.Yield) -> Any:
        self._check_yield(node)
        return super().visit_Yield(node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> Any:
        self._check_yield(node)
        return super().visit_YieldFrom(node)

    def _check_yield(self, node: ast.AST) -> None:
        # A generator that is thrown away runs its `finally` and `except` then: after its script has ended.
        if self._tries:
            self.error(node, "Yield inside try is not allowed.")

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> Any:
        if node.name:
            self.bound.add(node.name)
        return super().visit_ExceptHandler(node)

    def visit_Import(self, node: ast.Import) -> Any:
        for alias in node.names:
            self._check_module(node, alias.name)
        return super().visit_Import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        self._check_module(node, "." * node.level + (node.module or ""))
        return super().visit_ImportFrom(node)

    def _check_module(self, node: ast.AST, name: str) -> None:
        if name not in IMPORTABLE:
            self.error(node, no_module(name))

    def visit_alias(self, node: ast.alias) -> Any:
        self.bound.add(node.asname or node.name.partition(".")[0])
        return super().visit_alias(node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        # `(a, b) = (c, d) = value` would be compiled once per target, with the whole value each time.
        if len(node.targets) > 1 and any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets):
            self.error(node, "Unpacking into several targets at once is not allowed.")
            return node
        return super().visit_Assign(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """`a[i] += x` becomes `_augmented_(a, i, "+=", x)`; RestrictedPython itself would refuse it."""
        if not isinstance(node.target, ast.Subscript) or type(node.op) not in _OPERATORS:
            return super().visit_AugAssign(node)
        parts = [self.visit(part) for part in (node.target.value, node.target.slice, node.value)]
        arguments = [parts[0], parts[1], ast.Constant(_OPERATORS[type(node.op)]), parts[2]]
        call = ast.Call(func=ast.Name("_augmented_", ast.Load()), args=arguments, keywords=[])
        changed = ast.Expr(call)
        copy_locations(changed, node)
        return changed

    def unknown_names(self, known: Collection[str]) -> list[Problem]:
        """Names that are read and never get a value."""
        return [(line, f"unknown name {name!r}") for name, line in self.loaded.items()
                if name not in self.bound and name not in known]  # fmt: skip
