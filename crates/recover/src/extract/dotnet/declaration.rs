//! Reading declarations of C#: modifiers, attributes, what a class derives from.

use tree_sitter::Node;

use crate::syntax;

/// Whether a declaration has a modifier: `static`, `public`.
pub(crate) fn is_declared(node: Node<'_>, modifier: &str, source: &str) -> bool {
    syntax::children(node).into_iter().any(|n| n.kind() == "modifier" && syntax::text(n, source) == modifier)
}

/// An attribute: `[HttpGet("{id}")]`.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'s, 't> {
    /// Its name without namespace, `Attribute` and type arguments.
    pub(crate) name: &'s str,
    /// Its arguments: name, expression.
    pub(crate) arguments: Vec<(Option<&'s str>, Node<'t>)>,
    /// Its line.
    pub(crate) line: usize,
}

impl<'t> Attribute<'_, 't> {
    /// The first argument without a name.
    pub(crate) fn first(&self) -> Option<Node<'t>> {
        self.arguments.iter().find(|(name, _)| name.is_none()).map(|(_, node)| *node)
    }

    /// An argument by its name.
    pub(crate) fn named(&self, name: &str) -> Option<Node<'t>> {
        self.arguments.iter().find(|(n, _)| *n == Some(name)).map(|(_, node)| *node)
    }
}

/// The attributes of a declaration.
pub(crate) fn attributes<'s, 't>(node: Node<'t>, source: &'s str) -> Vec<Attribute<'s, 't>> {
    let lists = syntax::children(node).into_iter().filter(|n| n.kind() == "attribute_list");
    lists
        .flat_map(syntax::children)
        .filter(|n| n.kind() == "attribute")
        .map(|n| {
            let name = syntax::field_text(n, "name", source).unwrap_or("");
            let name = name.split('<').next().unwrap_or(name);
            let name = name.rsplit('.').next().unwrap_or(name);
            let list = syntax::children(n).into_iter().find(|c| c.kind() == "attribute_argument_list");
            let arguments = list.map(syntax::children).unwrap_or_default();
            let arguments =
                arguments.into_iter().filter(|a| a.kind() == "attribute_argument").filter_map(|a| {
                    let parts = syntax::children(a);
                    let value = parts.last().copied()?;
                    let name = (parts.len() > 1)
                        .then(|| {
                            parts.first().map(|p| syntax::text(*p, source).trim_end_matches(['=', ':', ' ']))
                        })
                        .flatten();
                    Some((name, value))
                });
            Attribute {
                name: name.strip_suffix("Attribute").unwrap_or(name),
                arguments: arguments.collect(),
                line: syntax::line(n),
            }
        })
        .collect()
}

/// What a class derives from, without type arguments, and the type arguments of each.
pub(crate) fn bases<'s>(class: Node<'_>, source: &'s str) -> Vec<(&'s str, Vec<&'s str>)> {
    let list = syntax::field(class, "bases")
        .or_else(|| syntax::children(class).into_iter().find(|n| n.kind() == "base_list"));
    let Some(list) = list else { return Vec::new() };
    syntax::children(list)
        .into_iter()
        .map(|base| {
            let generic = syntax::descendants(base).find(|n| n.kind() == "generic_name");
            let types = generic
                .and_then(|g| syntax::children(g).into_iter().find(|n| n.kind() == "type_argument_list"))
                .map(|l| syntax::children(l).into_iter().map(|t| syntax::text(t, source)).collect())
                .unwrap_or_default();
            let text = syntax::text(base, source);
            let name = text.split(['<', '(']).next().unwrap_or(text).trim();
            (name.rsplit('.').next().unwrap_or(name), types)
        })
        .collect()
}
