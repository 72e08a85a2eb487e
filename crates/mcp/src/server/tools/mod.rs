//! The tools: what each is called, takes, gives and does. A tool is a plain function of the host and its arguments;
//! nothing here knows the protocol.

mod ask;
mod design;
mod diff;
mod explain;
mod review;
mod sections;
mod simulate;
mod system;
mod verify;
mod what_if;

use loadcase_publish::outline::tokens;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::host::Host;
use super::refusal::Refusal;

/// Most tokens of the text of a result.
pub const BUDGET: usize = 1_500;

/// What a tool gives back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// For programs, of the shape of the tool's output schema.
    pub structured: Value,
    /// The same for reading, at most [`BUDGET`] tokens.
    pub text: String,
    /// Resources that hold more: address and what it is.
    pub links: Vec<(String, String)>,
    /// What to ask the user, where somebody can be asked: the design is then made again with the answers.
    pub questions: Vec<Field>,
}

/// A field of the form that asks the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The input it settles.
    pub input: String,
    /// The question.
    pub ask: String,
    /// Why it matters.
    pub why: String,
    /// What is assumed while it is not answered.
    pub assumed: String,
}

impl Reply {
    /// A result as record and text; a text that is too long ends at a line, and says so.
    ///
    /// # Errors
    /// When the record has no JSON form, which would be a fault of Loadcase.
    pub fn new(record: &impl Serialize, text: &str) -> Result<Self, Refusal> {
        let structured = serde_json::to_value(record)
            .map_err(|e| Refusal::new(format!("internal error: {e}"), "report this"))?;
        Ok(Self { structured, text: shortened(text), links: Vec::new(), questions: Vec::new() })
    }
}

/// The text in at most [`BUDGET`] tokens, cut at the end of a line.
fn shortened(text: &str) -> String {
    const CUT: &str = "(shortened; structuredContent and the resources hold the rest)";
    if tokens(text) <= BUDGET {
        return text.to_owned();
    }
    let room = BUDGET - tokens(CUT) - 1;
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        if tokens(&kept) + tokens(line) > room {
            break;
        }
        kept.push_str(line);
    }
    kept + CUT
}

/// The largest page of at most so many entries whose text is no longer than [`BUDGET`]: what does not fit is on the
/// next one, so that who reads the text alone misses nothing.
fn page<T>(most: usize, make: impl Fn(usize) -> T, text: impl Fn(&T) -> String) -> T {
    let mut entries = most;
    loop {
        let page = make(entries);
        if entries <= 1 || tokens(&text(&page)) <= BUDGET {
            return page;
        }
        entries -= 1;
    }
}

/// Tells how far a call is, and ends it when nobody waits for it any more.
pub trait Progress: Sync {
    /// Step `step` of `total` begins.
    ///
    /// # Errors
    /// When the caller gave up.
    fn step(&self, step: u32, total: u32, doing: &str) -> Result<(), Refusal>;

    /// Whether the caller gave up.
    fn is_over(&self) -> bool;
}

/// Nobody is told, and nobody gives up.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: u32, _: u32, _: &str) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// A tool.
#[derive(Clone, Copy)]
pub struct Tool {
    /// What clients call.
    pub name: &'static str,
    /// What people see.
    pub title: &'static str,
    /// What it does and when to use it, for an agent.
    pub description: &'static str,
    /// Whether it may write, which it does only where the call says.
    pub writes: bool,
    /// JSON Schema of the arguments.
    pub input: fn() -> Value,
    /// JSON Schema of the record.
    pub output: fn() -> Value,
    /// Does it.
    pub run: fn(&Host, Value, &dyn Progress) -> Result<Reply, Refusal>,
}

/// Every tool. One line here registers a new one.
pub const TOOLS: &[Tool] = &[
    design::TOOL,
    ask::TOOL,
    review::TOOL,
    simulate::TOOL,
    what_if::TOOL,
    verify::TOOL,
    explain::TOOL,
    diff::TOOL,
];

/// The tool with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|t| t.name == name)
}

/// Reads the arguments of a call.
fn arguments<T: DeserializeOwned>(tool: &Tool, value: Value) -> Result<T, Refusal> {
    let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
    serde_json::from_value(value).map_err(|e| {
        let schema = (tool.input)();
        let fields = |key: &str| match &schema[key] {
            Value::Object(map) => map.keys().cloned().collect::<Vec<_>>().join(", "),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            _ => "none".to_owned(),
        };
        Refusal::new(
            format!("the arguments of `{}` cannot be read: {e}", tool.name),
            format!("it takes {}; required: {}", fields("properties"), fields("required")),
        )
    })
}

/// The JSON Schema of arguments: flat, since many clients follow no references there.
fn input_schema<T: JsonSchema>() -> Value {
    schema_of::<T>(true)
}

/// The JSON Schema of a record: what is used often is told once.
fn output_schema<T: JsonSchema>() -> Value {
    schema_of::<T>(false)
}

fn schema_of<T: JsonSchema>(inline: bool) -> Value {
    let generator = SchemaSettings::draft2020_12()
        .with(|s| {
            s.inline_subschemas = inline;
            s.meta_schema = None;
        })
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("title");
    }
    lean(&mut schema);
    schema
}

/// Descriptions on one line, without defaults that say nothing and formats that no client checks.
fn lean(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            if object.get("default").is_some_and(|d| d.is_null() || *d == serde_json::json!([])) {
                object.remove("default");
            }
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
            object.values_mut().for_each(lean);
        }
        Value::Array(list) => list.iter_mut().for_each(lean),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_at_most_eight_and_each_explains_itself() {
        assert!(TOOLS.len() <= 8);
        for tool in TOOLS {
            assert!(tool.description.len() > 60 && tokens(tool.description) < 220, "{}", tool.name);
            for schema in [(tool.input)(), (tool.output)()] {
                assert_eq!(schema["type"], "object", "{}", tool.name);
                let properties = schema["properties"].as_object().expect("properties");
                for (name, property) in properties {
                    let told = property["description"].as_str().unwrap_or_default();
                    assert!(told.len() > 10, "{}: {name} is not described", tool.name);
                }
            }
            assert_eq!((tool.input)()["additionalProperties"], false, "{}", tool.name);
        }
    }

    #[test]
    fn all_schemas_together_leave_room_in_a_context() {
        let all: String =
            TOOLS.iter().map(|t| format!("{}{}{}", t.name, t.description, (t.input)())).collect();
        assert!(tokens(&all) < 4_000, "{}", tokens(&all));
    }

    #[test]
    fn a_page_holds_as_many_entries_as_its_text_may_be_long() {
        let text = |entries: &usize| "an entry of some length\n".repeat(*entries);
        let full = page(1_000, |entries| entries, text);
        assert!(tokens(&text(&full)) <= BUDGET && tokens(&text(&(full + 1))) > BUDGET, "{full}");
        assert_eq!(page(3, |entries| entries, text), 3);
        assert_eq!(page(1, |entries| entries, |_| "x".repeat(10 * BUDGET)), 1, "one is always there");
    }

    #[test]
    fn a_long_text_ends_at_a_line_within_the_budget() {
        let long = "a line of words\n".repeat(1_000);
        let short = shortened(&long);
        assert!(tokens(&short) <= BUDGET);
        assert!(short.lines().all(|l| l == "a line of words" || l.starts_with("(shortened")));
    }
}
