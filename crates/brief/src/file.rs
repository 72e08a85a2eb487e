//! The brief as a YAML file: what is known in fields, the rest in prose.

use std::fmt;

use indexmap::IndexMap;
use loadcase_model::{Brief, Given, Id, Input, Stance, Unit};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

/// A brief as people write it in `brief.yaml`. Every field may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BriefFile {
    /// The product in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The question to be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Domains of the catalog the product belongs to, the main one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Id>,
    /// What is known in numbers.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(schema_with = "numbers_schema")]
    pub numbers: IndexMap<Input, NumberEntry>,
    /// Circumstances and needs of the catalog that hold, or do not.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub signals: IndexMap<Id, bool>,
    /// Technologies of the catalog.
    #[serde(default, skip_serializing_if = "TechnologyLists::is_empty")]
    pub technologies: TechnologyLists,
    /// Prose, read like any brief. What the fields say wins over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Technologies by how they stand to the user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TechnologyLists {
    /// In use today.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub existing: Vec<Id>,
    /// Wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<Id>,
    /// Required: chosen whatever it costs, unless it cannot do what is needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<Id>,
    /// Asked about, without preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub considered: Vec<Id>,
    /// Ruled out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Id>,
    /// Known well to the team.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<Id>,
}

impl TechnologyLists {
    /// Every list with its stance.
    pub(crate) fn by_stance(&self) -> [(Stance, &'static str, &[Id]); 6] {
        [
            (Stance::Existing, "existing", &self.existing),
            (Stance::Wanted, "wanted", &self.wanted),
            (Stance::Required, "required", &self.required),
            (Stance::Considered, "considered", &self.considered),
            (Stance::Rejected, "rejected", &self.rejected),
            (Stance::Known, "known", &self.known),
        ]
    }

    fn is_empty(&self) -> bool {
        self.by_stance().iter().all(|(_, _, ids)| ids.is_empty())
    }
}

/// A number or a text that holds one: `10000`, `10k`, `99.95%`, `$5k a month`, `300ms`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// A plain number in the input's unit.
    Number(f64),
    /// A number with its unit, in words or digits.
    Text(String),
}

/// A value with the range it may lie in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ranged {
    /// Best guess.
    pub value: Scalar,
    /// Lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Scalar>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Scalar>,
    /// Why this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// A value at one time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ValueEntry {
    /// The value alone.
    Plain(Scalar),
    /// The value and its range.
    Ranged(Ranged),
}

/// A value for now, for 24 months ahead, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Horizontal {
    /// Today, or at launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<ValueEntry>,
    /// In 24 months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<ValueEntry>,
}

/// What is known of one number: a value, a value with its range, or values for now and later.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum NumberEntry {
    /// The value now.
    Now(ValueEntry),
    /// By time.
    ByTime(Horizontal),
}

impl NumberEntry {
    /// The value now and the value later.
    pub(crate) const fn by_time(&self) -> [(&'static str, Option<&ValueEntry>); 2] {
        match self {
            Self::Now(value) => [("now", Some(value)), ("later", None)],
            Self::ByTime(times) => [("now", times.now.as_ref()), ("later", times.later.as_ref())],
        }
    }
}

/// Either shape of a mapping under a number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    value: Option<Scalar>,
    low: Option<Scalar>,
    high: Option<Scalar>,
    now: Option<ValueEntry>,
    later: Option<ValueEntry>,
    because: Option<String>,
}

impl Mapping {
    fn entry<E: de::Error>(self) -> Result<NumberEntry, E> {
        match (self.value, self.now, self.later) {
            (Some(value), None, None) => Ok(NumberEntry::Now(ValueEntry::Ranged(Ranged {
                value,
                low: self.low,
                high: self.high,
                because: self.because,
            }))),
            (None, now, later)
                if (now.is_some() || later.is_some())
                    && self.low.is_none()
                    && self.high.is_none()
                    && self.because.is_none() =>
            {
                Ok(NumberEntry::ByTime(Horizontal { now, later }))
            }
            _ => Err(E::custom(
                "a number has either `value` with `low`, `high` and `because`, or `now` and `later`",
            )),
        }
    }
}

/// Every input by name with its meaning, so that editors complete them.
fn numbers_schema(generator: &mut SchemaGenerator) -> Schema {
    let entry = generator.subschema_for::<NumberEntry>();
    let mut properties = json_schema!({});
    for input in Input::ALL {
        let mut schema = entry.clone();
        schema.insert("description".to_owned(), format!("{}{}", input.meaning(), plain_unit(*input)).into());
        properties.insert(input.slug().to_owned(), schema.to_value());
    }
    let mut schema = json_schema!({"type": "object", "additionalProperties": false});
    schema.insert("properties".to_owned(), properties.to_value());
    schema
}

/// What a plain number means, for inputs that have a unit.
fn plain_unit(input: Input) -> String {
    match input.unit() {
        Unit::Share => " A plain number is a share: 0.95 says the same as `95%`.".to_owned(),
        unit if unit.symbol().is_empty() => String::new(),
        unit => format!(" A plain number is in {}.", unit.symbol()),
    }
}

/// Visits a number, a text or a mapping.
struct AnyOf<T> {
    scalar: fn(Scalar) -> T,
    mapping: Option<fn(Mapping) -> Result<T, String>>,
}

impl<'de, T> Visitor<'de> for AnyOf<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number such as 10k, or a mapping with `now` and `later`")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Ok((self.scalar)(Scalar::Text(value.to_string())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Ok((self.scalar)(Scalar::Text(value.to_string())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        Ok((self.scalar)(Scalar::Number(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        Ok((self.scalar)(Scalar::Text(value.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let Some(read) = self.mapping else {
            return Err(de::Error::custom("a number or a text is expected here"));
        };
        let mapping = Mapping::deserialize(MapAccessDeserializer::new(map))?;
        read(mapping).map_err(de::Error::custom)
    }
}

/// The error of a mapping, as text.
fn mapped(mapping: Mapping) -> Result<NumberEntry, String> {
    mapping.entry::<de::value::Error>().map_err(|e| e.to_string())
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyOf { scalar: |s| s, mapping: None })
    }
}

impl<'de> Deserialize<'de> for ValueEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyOf {
            scalar: Self::Plain,
            mapping: Some(|mapping| match mapped(mapping)? {
                NumberEntry::Now(value) => Ok(value),
                NumberEntry::ByTime(_) => Err("`now` and `later` cannot be nested".to_owned()),
            }),
        })
    }
}

impl<'de> Deserialize<'de> for NumberEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(AnyOf { scalar: |s| Self::Now(ValueEntry::Plain(s)), mapping: Some(mapped) })
    }
}

impl From<&Brief> for BriefFile {
    /// What a brief says, in fields: reading the file gives the same numbers, signals and technologies.
    fn from(brief: &Brief) -> Self {
        let mut technologies = TechnologyLists::default();
        for mention in &brief.technologies {
            let list = match mention.stance {
                Stance::Existing => &mut technologies.existing,
                Stance::Wanted => &mut technologies.wanted,
                Stance::Required => &mut technologies.required,
                Stance::Considered => &mut technologies.considered,
                Stance::Rejected => &mut technologies.rejected,
                Stance::Known => &mut technologies.known,
            };
            list.push(mention.id.clone());
        }
        Self {
            summary: None,
            question: brief.question.clone(),
            domains: brief.domains.iter().map(|d| d.id.clone()).collect(),
            numbers: brief.numbers.iter().map(|(input, given)| (*input, entry(given))).collect(),
            signals: brief.signals.iter().map(|(id, signal)| (id.clone(), signal.holds)).collect(),
            technologies,
            text: None,
        }
    }
}

fn entry(given: &Given) -> NumberEntry {
    let value = |estimate: &loadcase_model::Estimate| {
        if estimate.low < estimate.value || estimate.high > estimate.value {
            ValueEntry::Ranged(Ranged {
                value: Scalar::Number(estimate.value),
                low: Some(Scalar::Number(estimate.low)),
                high: Some(Scalar::Number(estimate.high)),
                because: None,
            })
        } else {
            ValueEntry::Plain(Scalar::Number(estimate.value))
        }
    };
    match (&given.now, &given.later) {
        (Some(now), None) => NumberEntry::Now(value(now)),
        (now, later) => {
            NumberEntry::ByTime(Horizontal { now: now.as_ref().map(value), later: later.as_ref().map(value) })
        }
    }
}
