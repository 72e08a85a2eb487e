//! Origins: the package a value comes from.

use tree_sitter::Node;

use super::module::{Bound, Js, Origin, STEPS, bare, inner};
use crate::syntax;

impl<'t> Js<'t> {
    /// The package a value comes from, and the way through it.
    pub(super) fn origin(&self, node: Node<'t>) -> Option<Origin<'t>> {
        self.origin_at(node, 0)
    }

    fn origin_at(&self, node: Node<'t>, depth: usize) -> Option<Origin<'t>> {
        if depth > STEPS {
            return None;
        }
        match node.kind() {
            "identifier" | "type_identifier" | "shorthand_property_identifier" => {
                self.origin_of(self.look_up(node)?, depth)
            }
            "member_expression" => {
                if let Some(bound) = self.this_field(node).and_then(|f| self.field_bound(f)) {
                    return self.origin_of(bound, depth + 1);
                }
                let object = self.origin_at(syntax::field(node, "object")?, depth + 1)?;
                Some(object.member(syntax::field_text(node, "property", self.text)?))
            }
            "call_expression" | "new_expression" => {
                let callee = self.callee(node)?;
                let name = self.of(callee);
                if name == "require" || name == "import" || callee.kind() == "import" {
                    let package = self.arguments(node).first().and_then(|a| self.string(*a))?;
                    return Some(Origin::new(package, ""));
                }
                let mut origin = self.origin_at(callee, depth + 1)?;
                origin.path.push_str("()");
                Some(origin)
            }
            "binary_expression" => {
                let left = syntax::field(node, "left").and_then(|l| self.origin_at(l, depth + 1));
                left.or_else(|| self.origin_at(syntax::field(node, "right")?, depth + 1))
            }
            "generic_type" | "nested_type_identifier" | "type_annotation" => {
                self.origin_at(*syntax::children(node).first()?, depth + 1)
            }
            _ => self.origin_at(inner(node)?, depth + 1),
        }
    }

    fn origin_of(&self, bound: Bound<'t>, depth: usize) -> Option<Origin<'t>> {
        match bound {
            Bound::Package(package, member) => Some(Origin::new(package, member)),
            Bound::Value(value) => self.origin_at(value, depth + 1),
            Bound::Member(value, member, _) => Some(self.origin_at(value, depth + 1)?.member(member)),
            Bound::Typed(kind) => {
                let mut origin = self.origin_at(kind, depth + 1)?;
                origin.path.push_str("()");
                Some(origin)
            }
            Bound::Parameter => None,
        }
    }
}

impl<'t> Origin<'t> {
    fn new(package: &'t str, member: &str) -> Self {
        Self { package: bare(package), path: member.to_owned() }
    }

    fn member(mut self, name: &str) -> Self {
        // What Babel and TypeScript add for interoperation says nothing.
        if name != "default" {
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(name);
        }
        self
    }

    /// Whether it is the result of calling or constructing one of some exports; an empty name is the package
    /// itself.
    pub(super) fn made_by(&self, names: &[&str]) -> bool {
        self.path.strip_suffix("()").is_some_and(|path| names.contains(&path))
    }
}
