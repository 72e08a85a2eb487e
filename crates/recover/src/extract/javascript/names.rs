//! Declarations: what each name of a file is bound to, function by function.

use tree_sitter::Node;

use super::module::{Bound, Js, SAME_NAME, is_function};
use crate::syntax;

impl<'t> Js<'t> {
    pub(super) fn declare(&mut self, node: Node<'t>) {
        match node.kind() {
            "variable_declarator" => {
                let (Some(name), value) = (syntax::field(node, "name"), syntax::field(node, "value")) else {
                    return;
                };
                match value {
                    Some(value) => self.bind(name, value),
                    None => {
                        if let Some(kind) = syntax::field(node, "type") {
                            self.named(name, Bound::Typed(kind));
                        }
                    }
                }
            }
            "assignment_expression" => self.assigned(node),
            "import_statement" => self.imported(node),
            "function_declaration" | "generator_function_declaration" | "class_declaration" => {
                if let Some(name) = syntax::field(node, "name") {
                    self.named(name, Bound::Value(node));
                }
            }
            "field_definition" | "public_field_definition" => {
                let name = syntax::field(node, "property").or_else(|| syntax::field(node, "name"));
                self.field_of(node, name);
            }
            "method_definition" => {
                if let Some(name) = syntax::field(node, "name") {
                    self.fields.entry(self.of(name)).or_insert(Bound::Value(node));
                }
            }
            "formal_parameters" => self.parameters(node),
            "arrow_function" => {
                if let Some(name) = syntax::field(node, "parameter") {
                    self.named(name, Bound::Parameter);
                }
            }
            _ => {}
        }
    }

    fn field_of(&mut self, node: Node<'t>, name: Option<Node<'t>>) {
        let Some(name) = name.map(|n| self.of(n).trim_start_matches('#')) else { return };
        if let Some(value) = syntax::field(node, "value") {
            self.fields.insert(name, Bound::Value(value));
        } else if let Some(kind) = syntax::field(node, "type") {
            self.fields.entry(name).or_insert(Bound::Typed(kind));
        }
    }

    fn assigned(&mut self, node: Node<'t>) {
        let (Some(left), Some(right)) = (syntax::field(node, "left"), syntax::field(node, "right")) else {
            return;
        };
        match left.kind() {
            "identifier" => {
                // A variable that is declared without a value gets its meaning here.
                let name = self.of(left);
                if !self.names.contains_key(name) || matches!(self.look_up(left), Some(Bound::Typed(_))) {
                    let whole = (0, self.text.len(), Bound::Value(right));
                    self.names.entry(name).or_default().push(whole);
                }
            }
            "member_expression" => {
                let object = syntax::field(left, "object").map_or("", |o| o.kind());
                if object == "this" {
                    let name = syntax::field_text(left, "property", self.text).unwrap_or("");
                    let known = self.fields.get(name);
                    if !matches!(known, Some(Bound::Value(_))) && right.kind() != "null" {
                        self.fields.insert(name.trim_start_matches('#'), Bound::Value(right));
                    }
                }
            }
            _ => {}
        }
    }

    fn parameters(&mut self, node: Node<'t>) {
        for parameter in syntax::children(node) {
            match parameter.kind() {
                "identifier" => self.named(parameter, Bound::Parameter),
                "assignment_pattern" => {
                    if let (Some(name), Some(value)) =
                        (syntax::field(parameter, "left"), syntax::field(parameter, "right"))
                    {
                        self.named(name, Bound::Value(value));
                    }
                }
                "required_parameter" | "optional_parameter" => {
                    let Some(name) = syntax::field(parameter, "pattern") else { continue };
                    let bound = match (syntax::field(parameter, "value"), syntax::field(parameter, "type")) {
                        (Some(value), _) => Bound::Value(value),
                        (None, Some(kind)) => Bound::Typed(kind),
                        _ => Bound::Parameter,
                    };
                    self.named(name, bound);
                    // `constructor(private readonly http: HttpService)` also declares a field.
                    let is_field = syntax::children(parameter)
                        .iter()
                        .any(|c| matches!(c.kind(), "accessibility_modifier" | "override_modifier"))
                        || self.of(parameter).starts_with("readonly ");
                    if is_field {
                        self.fields.entry(self.of(name)).or_insert(bound);
                    }
                }
                _ => {}
            }
        }
    }

    fn imported(&mut self, node: Node<'t>) {
        let Some(package) = syntax::field(node, "source").map(|s| self.literal(s)) else {
            // `import x = require('y')`
            for clause in syntax::children(node) {
                if clause.kind() == "import_require_clause" {
                    let package = syntax::field(clause, "source").map_or("", |s| self.literal(s));
                    if let Some(name) =
                        syntax::children(clause).into_iter().find(|c| c.kind() == "identifier")
                    {
                        self.named(name, Bound::Package(package, ""));
                    }
                }
            }
            return;
        };
        for part in syntax::children(node)
            .into_iter()
            .filter(|c| c.kind() == "import_clause")
            .flat_map(syntax::children)
        {
            match part.kind() {
                "identifier" => self.named(part, Bound::Package(package, "")),
                "namespace_import" => {
                    if let Some(name) = syntax::children(part).first() {
                        self.named(*name, Bound::Package(package, ""));
                    }
                }
                "named_imports" => {
                    for one in syntax::children(part) {
                        let Some(name) = syntax::field(one, "name") else { continue };
                        let member = if self.of(name) == "default" { "" } else { self.of(name) };
                        self.named(
                            syntax::field(one, "alias").unwrap_or(name),
                            Bound::Package(package, member),
                        );
                    }
                }
                _ => {}
            }
        }
    }

    /// Binds a name or pattern to a value.
    fn bind(&mut self, name: Node<'t>, value: Node<'t>) {
        match name.kind() {
            "identifier" => self.named(name, Bound::Value(value)),
            "object_pattern" => {
                for part in syntax::children(name) {
                    match part.kind() {
                        "shorthand_property_identifier_pattern" => {
                            self.named(part, Bound::Member(value, self.of(part), None));
                        }
                        "pair_pattern" => {
                            let key = syntax::field(part, "key").map_or("", |k| self.literal(k));
                            if let Some(target) = syntax::field(part, "value") {
                                let (target, default) = with_default(target);
                                self.named(target, Bound::Member(value, key, default));
                            }
                        }
                        "object_assignment_pattern" => {
                            let (target, default) = with_default(part);
                            self.named(target, Bound::Member(value, self.of(target), default));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Declares a name in the function around it.
    fn named(&mut self, name: Node<'t>, bound: Bound<'t>) {
        if !matches!(name.kind(), "identifier" | "type_identifier" | "shorthand_property_identifier_pattern")
        {
            return;
        }
        // The name of a function or class belongs to what is around it.
        let own =
            matches!(bound, Bound::Value(v) if syntax::field(v, "name").is_some_and(|n| n.id() == name.id()));
        let from = match bound {
            Bound::Value(v) if own => v,
            _ => name,
        };
        let scope = self.ancestors(from).find(|n| is_function(*n)).unwrap_or(self.nodes[0]);
        let entry = (scope.start_byte(), scope.end_byte(), bound);
        let known = self.names.entry(self.of(name)).or_default();
        if known.len() < SAME_NAME {
            known.push(entry);
        }
    }
}

fn with_default(node: Node<'_>) -> (Node<'_>, Option<Node<'_>>) {
    match (syntax::field(node, "left"), syntax::field(node, "right")) {
        (Some(left), right) => (left, right),
        _ => (node, None),
    }
}
