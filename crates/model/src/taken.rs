//! What the body of a request holds, where its operation says it field by field.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blueprint::{Access, AccessKind, Entity, FieldType, OperationKind};
use crate::id::Id;

/// Most fields of one body.
const MOST: usize = 60;

/// A field of a request's body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a field that a request takes is `title`, `title?`, `item.title`, or a record of `name`, `kind` and `summary`"
)]
pub enum Taken {
    /// A field of an entity: `title` of the first entity the operation writes that has it, or `item.title`. A question
    /// mark at the end lets callers leave it out; a field that rows may lack may be left out anyway.
    Column(String),
    /// A field that no row has as it is sent: a password, a certificate request.
    Own(OwnField),
}

/// A field of a request that is no field of an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnField {
    /// Name, snake case.
    pub name: Id,
    /// Type.
    pub kind: FieldType,
    /// What it is, one sentence.
    pub summary: String,
    /// Whether it may be left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// The words of an enumeration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The entity a reference points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Id>,
    /// Smallest value of a whole number or an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Largest value of a whole number or an amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Most values, where it is a list; absent means one value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
}

/// What of an operation decides what its body may hold.
#[derive(Clone, Copy, Debug)]
pub struct Taking<'a> {
    /// What kind of thing it is.
    pub kind: OperationKind,
    /// HTTP method.
    pub method: Option<&'a str>,
    /// The rows touched.
    pub accesses: &'a [Access],
    /// The fields of the body; `None` where nothing is said.
    pub takes: Option<&'a [Taken]>,
}

/// A field of an entity that a request takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenColumn<'a> {
    /// The entity.
    pub entity: &'a Id,
    /// The field's name.
    pub field: &'a str,
    /// Whether callers may leave it out, whatever rows may lack.
    pub optional: bool,
}

/// Whether rows of an entity have a field; an amount brings its currency.
fn has(entity: &Entity, field: &str) -> bool {
    let amounts = || entity.fields.iter().any(|f| f.kind == FieldType::Money);
    entity.fields.iter().any(|f| f.name == *field) || field == "currency" && amounts()
}

/// The field that a word such as `title`, `title?` or `item.title` stands for.
///
/// # Errors
/// A sentence that says which entity or field is not there.
pub fn taken_column<'a>(
    word: &'a str,
    accesses: &'a [Access],
    entities: &'a IndexMap<Id, Entity>,
) -> Result<TakenColumn<'a>, String> {
    let (name, optional) = word.strip_suffix('?').map_or((word, false), |w| (w, true));
    if let Some((entity, field)) = name.rsplit_once('.') {
        let found = entities.iter().find(|(id, _)| id.as_str() == entity);
        let Some((entity, row)) = found else {
            return Err(format!("takes `{word}`, but there is no entity `{entity}`"));
        };
        return match has(row, field) {
            true => Ok(TakenColumn { entity, field, optional }),
            false => Err(format!("takes `{word}`, but `{entity}` has no field `{field}`")),
        };
    }
    let written = |a: &&Access| matches!(a.kind, AccessKind::Insert | AccessKind::Update);
    let mut order = accesses.iter().filter(written).chain(accesses.iter().filter(|a| !written(a)));
    let found = order.find(|a| entities.get(&a.entity).is_some_and(|e| has(e, name)));
    match found {
        Some(access) => Ok(TakenColumn { entity: &access.entity, field: name, optional }),
        None => Err(format!("takes `{word}`, but no entity that it touches has a field `{name}`")),
    }
}

/// What is wrong with the body that an operation says it takes: the word at fault and a sentence about it.
#[must_use]
pub fn taking_faults(operation: &Taking<'_>, entities: &IndexMap<Id, Entity>) -> Vec<(String, String)> {
    let Some(takes) = operation.takes else { return Vec::new() };
    let mut faults = Vec::new();
    let body = matches!(operation.kind, OperationKind::Request | OperationKind::Stream)
        && operation.method.is_none_or(|m| !matches!(m, "GET" | "DELETE"));
    if !body {
        faults.push(("takes".to_owned(), "says what its body holds, but it has none".to_owned()));
    }
    if takes.len() > MOST {
        faults.push(("takes".to_owned(), format!("takes {} fields; {MOST} are the most", takes.len())));
    }
    let mut seen: Vec<(Option<&str>, &str)> = Vec::new();
    for taken in takes.iter().take(MOST) {
        let (word, key) = match taken {
            Taken::Own(own) => {
                if own.kind == FieldType::Enum && own.values.is_empty() {
                    faults.push((
                        own.name.to_string(),
                        format!("takes `{}`, an enum without values", own.name),
                    ));
                }
                if let Some(to) = own.to.as_ref().filter(|to| !entities.contains_key(*to)) {
                    faults.push((
                        to.to_string(),
                        format!("takes `{}`, which refers to unknown `{to}`", own.name),
                    ));
                }
                (own.name.as_str(), (None, own.name.as_str()))
            }
            Taken::Column(word) => match taken_column(word, operation.accesses, entities) {
                Ok(found) => {
                    if found.field.ends_with("_hash") {
                        let what = format!(
                            "takes `{word}`, which the server makes from a secret: take the secret as a field of its own"
                        );
                        faults.push((word.clone(), what));
                    }
                    (word.as_str(), (Some(found.entity.as_str()), found.field))
                }
                Err(fault) => {
                    faults.push((word.clone(), fault));
                    continue;
                }
            },
        };
        if seen.contains(&key) {
            faults.push((word.to_owned(), format!("takes `{word}` twice")));
        }
        seen.push(key);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn entities() -> IndexMap<Id, Entity> {
        yaml::read(
            "post:\n  name: Post\n  row_bytes: 100\n  basis: estimate\n  fields:\n    - {name: body, type: text}\n    - {name: price, type: money}\n    - {name: key_hash, type: string}\nauthor:\n  name: Author\n  row_bytes: 100\n  basis: estimate\n  fields:\n    - {name: body, type: text}\n    - {name: name, type: string}\n",
        )
        .unwrap_or_else(|e| panic!("{}", e.message))
    }

    fn accesses() -> Vec<Access> {
        yaml::read("- {entity: author, kind: read-one, by: [id]}\n- {entity: post, kind: insert}\n")
            .unwrap_or_else(|e| panic!("{}", e.message))
    }

    fn faults(takes: &str, method: &str) -> Vec<String> {
        let takes: Vec<Taken> = yaml::read(takes).unwrap_or_else(|e| panic!("{}", e.message));
        let accesses = accesses();
        let taking = Taking {
            kind: OperationKind::Request,
            method: Some(method),
            accesses: &accesses,
            takes: Some(&takes),
        };
        taking_faults(&taking, &entities()).into_iter().map(|(_, fault)| fault).collect()
    }

    #[test]
    fn a_field_is_that_of_what_is_written_unless_another_is_named() {
        let (accesses, entities) = (accesses(), entities());
        let found =
            |word| taken_column(word, &accesses, &entities).map(|c| (c.entity.as_str(), c.field, c.optional));
        assert_eq!(found("body"), Ok(("post", "body", false)));
        assert_eq!(found("author.body?"), Ok(("author", "body", true)));
        assert_eq!(found("name"), Ok(("author", "name", false)));
        assert_eq!(found("currency"), Ok(("post", "currency", false)));
    }

    #[test]
    fn what_is_not_there_is_a_fault_that_names_it() {
        assert_eq!(
            faults("[body, {name: csr, kind: text, summary: A request}]", "POST"),
            Vec::<String>::new()
        );
        assert_eq!(
            faults("[titel]", "POST"),
            ["takes `titel`, but no entity that it touches has a field `titel`"]
        );
        assert_eq!(faults("[poster.body]", "POST"), ["takes `poster.body`, but there is no entity `poster`"]);
        assert_eq!(
            faults("[author.price]", "PUT"),
            ["takes `author.price`, but `author` has no field `price`"]
        );
        assert_eq!(faults("[body, post.body]", "PUT"), ["takes `post.body` twice"]);
        assert_eq!(faults("[body]", "GET"), ["says what its body holds, but it has none"]);
        assert!(faults("[key_hash]", "POST")[0].contains("the server makes from a secret"));
        assert!(
            faults("[{name: a, kind: ref, to: x, summary: S}]", "POST")[0].contains("refers to unknown `x`")
        );
    }

    #[test]
    fn a_field_of_another_shape_is_told_what_is_expected() {
        let fault = yaml::read::<Vec<Taken>>("[{name: a, kind: text}]").expect_err("no summary");
        assert!(fault.message.contains("a record of `name`, `kind` and `summary`"), "{}", fault.message);
    }
}
