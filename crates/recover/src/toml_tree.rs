//! TOML of repositories with lines.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a, 'i> {
    text: &'a str,
    byte: usize,
    value: &'a DeValue<'i>,
}

/// A document: what could be read of it.
#[derive(Debug)]
pub(crate) struct Document<'i> {
    text: &'i str,
    root: Spanned<DeValue<'i>>,
}

impl<'i> Document<'i> {
    /// Reads a text; faulty parts are left out.
    pub(crate) fn read(text: &'i str) -> Self {
        let (table, _) = DeTable::parse_recoverable(text);
        let span = table.span();
        Self { text, root: Spanned::new(span, DeValue::Table(table.into_inner())) }
    }

    /// The root.
    pub(crate) fn root(&self) -> Item<'_, 'i> {
        Item { text: self.text, byte: 0, value: self.root.get_ref() }
    }
}

impl<'a, 'i> Item<'a, 'i> {
    /// The value of a key.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let (name, value) = self.value.as_table()?.iter().find(|(k, _)| k.get_ref().as_ref() == key)?;
        Some(Self { text: self.text, byte: name.span().start, value: value.get_ref() })
    }

    /// The value at a path of keys.
    pub(crate) fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |item, key| item.get(key))
    }

    /// Keys and values of a table.
    pub(crate) fn pairs(self) -> Vec<(&'a str, Self)> {
        let Some(table) = self.value.as_table() else { return Vec::new() };
        let pair = |(k, v): (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)| {
            (k.get_ref().as_ref(), Self { text: self.text, byte: k.span().start, value: v.get_ref() })
        };
        let mut pairs: Vec<_> = table.iter().map(pair).collect();
        pairs.sort_by_key(|(_, item)| item.byte);
        pairs
    }

    /// Elements of a list.
    pub(crate) fn list(self) -> Vec<Self> {
        let Some(list) = self.value.as_array() else { return Vec::new() };
        list.iter().map(|v| Self { text: self.text, byte: v.span().start, value: v.get_ref() }).collect()
    }

    /// The text of a string.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// The text of a key's string.
    pub(crate) fn text_of(self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Self::text)
    }

    /// A scalar as text.
    pub(crate) fn scalar(self) -> Option<String> {
        match self.value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(yes) => Some(yes.to_string()),
            _ => None,
        }
    }

    /// Whether it says yes.
    pub(crate) fn is_true(self) -> bool {
        self.value.as_bool() == Some(true)
    }

    /// Its line, from one.
    pub(crate) fn line(self) -> usize {
        let bytes = self.text.as_bytes();
        bytes[..self.byte.min(bytes.len())].iter().filter(|b| **b == b'\n').count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn keys_know_their_lines() {
        let document = Document::read("[a]\nx = '1'\n\n[[b]]\ny = 2\n");
        let root = document.root();
        assert_eq!(root.at(&["a", "x"]).map(|i| (i.text(), i.line())), Some((Some("1"), 2)));
        assert_eq!(root.get("b").map(|b| b.list().len()), Some(1));
        assert!(Document::read("[[[[ = {").root().at(&["a", "b"]).is_none());
    }
}
