//! Whether a request keeps to the contract: parameters, headers, body.

use std::collections::BTreeMap;

use jsonschema::Validator;
use loadcase_publish::contracts::{Call, Contract, Language, media};
use serde_json::{Map, Value, json};

use super::{MockError, Reply, Request, refuse, refused_for, wire};

/// Most faults told of one request.
const FAULTS: usize = 20;

/// A parameter of a call.
struct Parameter {
    name: String,
    place: String,
    required: bool,
    schema: Value,
    validator: Validator,
}

/// What a call takes.
struct Takes {
    parameters: Vec<Parameter>,
    body: Option<Validator>,
}

/// The checks of every call, by index.
pub(crate) struct Checks(BTreeMap<usize, Takes>);

/// A request that was understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) path: BTreeMap<String, Value>,
    pub(crate) query: BTreeMap<String, Value>,
    pub(crate) if_match: Option<String>,
    pub(crate) body: Option<Value>,
    /// The path as it was sent.
    pub(crate) at: String,
}

impl Checks {
    pub(crate) fn new(contract: &Contract, document: &Value) -> Result<Self, MockError> {
        let mut all = BTreeMap::new();
        for (index, call) in
            contract.calls.iter().enumerate().filter(|(_, c)| c.language == Language::OpenApi)
        {
            let operation = &document["paths"][call.path.as_str()][call.method.to_lowercase()];
            let list = operation["parameters"].as_array().cloned().unwrap_or_default();
            let parameters =
                list.iter().map(|p| parameter(call, document, p)).collect::<Result<Vec<_>, _>>()?;
            let body = match &call.body {
                Some((record, _)) => Some(of_record(document, record)?),
                None => None,
            };
            all.insert(index, Takes { parameters, body });
        }
        Ok(Self(all))
    }

    /// Understands a request, or says what is wrong with it.
    pub(crate) fn asked(
        &self,
        contract: &Contract,
        index: usize,
        call: &Call,
        request: &Request,
        path: &BTreeMap<String, String>,
    ) -> Result<Asked, Reply> {
        let Some(takes) = self.0.get(&index) else {
            return Err(refuse(404, "The contract has no such address."));
        };
        let mut asked = Asked { at: request.path.clone(), ..Asked::default() };
        let query = query(takes, request)?;
        for parameter in &takes.parameters {
            let given = match parameter.place.as_str() {
                "path" => path.get(&parameter.name).cloned(),
                "query" => query.get(&parameter.name).cloned(),
                _ => request.header(&parameter.name.to_ascii_lowercase()).map(str::to_owned),
            };
            let Some(text) = given else {
                if parameter.required {
                    let status = match parameter.name.as_str() {
                        "If-Match" => 428,
                        "X-CSRF-Token" => 403,
                        _ => 400,
                    };
                    return Err(refuse(status, &format!("{} is missing.", parameter.name)));
                }
                continue;
            };
            let value = parameter.read(&text)?;
            match parameter.place.as_str() {
                "path" => drop(asked.path.insert(parameter.name.clone(), value)),
                "query" => drop(asked.query.insert(parameter.name.clone(), value)),
                _ if parameter.name == "If-Match" => asked.if_match = Some(text),
                _ => {}
            }
        }
        if let (Some(validator), Some((record, required))) = (&takes.body, &call.body) {
            asked.body = body(contract, call, record, *required, validator, request)?;
        }
        Ok(asked)
    }
}

/// The query: each parameter once, none that the contract does not have.
fn query(takes: &Takes, request: &Request) -> Result<BTreeMap<String, String>, Reply> {
    let mut found = BTreeMap::new();
    for (name, value) in wire::pairs(&request.query) {
        if !takes.parameters.iter().any(|p| p.place == "query" && p.name == name) {
            return Err(refuse(400, &format!("There is no parameter {name}.")));
        }
        if found.insert(name.clone(), value).is_some() {
            return Err(refuse(400, &format!("The parameter {name} is given twice.")));
        }
    }
    Ok(found)
}

fn body(
    contract: &Contract,
    call: &Call,
    record: &str,
    required: bool,
    validator: &Validator,
    request: &Request,
) -> Result<Option<Value>, Reply> {
    if request.body.is_empty() && !required && wire::sent(request).is_none() {
        return Ok(None);
    }
    let kind = media(call);
    if wire::sent(request).as_deref() != Some(kind) {
        return Err(refuse(if request.body.is_empty() { 400 } else { 415 }, &format!("Send {kind}.")));
    }
    let value = if kind == "application/json" {
        serde_json::from_slice(&request.body)
            .map_err(|e| refuse(400, &format!("The body is not JSON: {e}.")))?
    } else {
        form(contract, record, &String::from_utf8_lossy(&request.body))
    };
    let faults: Vec<(String, String)> = validator
        .iter_errors(&value)
        .take(FAULTS)
        .map(|e| (e.instance_path().to_string(), e.to_string()))
        .collect();
    if faults.is_empty() {
        return Ok(Some(value));
    }
    Err(refused_for(422, "The body does not keep to the contract.", &faults))
}

/// A form as the object it stands for: numbers, booleans and documents are read from their text.
fn form(contract: &Contract, record: &str, text: &str) -> Value {
    let fields = &contract.record(record).fields;
    let mut object = Map::new();
    for (name, value) in wire::pairs(text) {
        let plain = fields
            .iter()
            .find(|f| f.name == name)
            .is_none_or(|f| loadcase_publish::contracts::is_text(&f.form));
        let read = if plain { None } else { serde_json::from_str(&value).ok() };
        object.insert(name, read.unwrap_or(Value::String(value)));
    }
    Value::Object(object)
}

fn parameter(call: &Call, document: &Value, given: &Value) -> Result<Parameter, MockError> {
    let target = given["$ref"].as_str().and_then(|r| document.pointer(r.trim_start_matches('#')));
    let parameter = target.unwrap_or(given);
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let schema = parameter["schema"].clone();
    let validator = build(&schema, &format!("{} {name}", call.name))?;
    Ok(Parameter {
        place: parameter["in"].as_str().unwrap_or_default().to_owned(),
        required: parameter["required"] == json!(true),
        name,
        schema,
        validator,
    })
}

fn of_record(document: &Value, record: &str) -> Result<Validator, MockError> {
    let schema = json!({
        "$ref": format!("#/components/schemas/{record}"),
        "components": {"schemas": document["components"]["schemas"]},
    });
    build(&schema, record)
}

fn build(schema: &Value, name: &str) -> Result<Validator, MockError> {
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(schema)
        .map_err(|e| MockError::Schema(name.to_owned(), e.to_string()))
}

impl Parameter {
    /// The value that a text stands for, checked.
    fn read(&self, text: &str) -> Result<Value, Reply> {
        let value = typed(&self.schema, text);
        match self.validator.validate(&value) {
            Ok(()) => Ok(value),
            Err(fault) => Err(refused_for(
                400,
                &format!("The parameter {} does not keep to the contract.", self.name),
                &[(self.name.clone(), fault.to_string())],
            )),
        }
    }
}

/// Text as the type of a schema; text that is no such thing stays text, and the schema refuses it.
fn typed(schema: &Value, text: &str) -> Value {
    let kept = || Value::String(text.to_owned());
    match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| kept(), Value::from),
        Some("number") => text.parse::<f64>().map_or_else(|_| kept(), Value::from),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| kept(), Value::from),
        Some("array") => Value::Array(text.split(',').map(|t| typed(&schema["items"], t)).collect()),
        _ => kept(),
    }
}
