//! The protocol side of the server: the one place that knows the SDK's server types. It answers both generations of
//! the protocol, asks the user in one form where the client can, and keeps long work off the thread that answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ElicitRequest,
    ElicitRequestParams, ElicitationSchema, GetPromptRequestParams, GetPromptResponse, GetPromptResult,
    Implementation, InputRequest, InputRequiredResult, InputResponses, JsonObject, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, Prompt, PromptArgument, PromptMessage, ProtocolVersion,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, RequestStateCodec, Resource,
    ResourceContents, ResourceTemplate, Role, SealOptions, ServerCapabilities, ServerConfig, Tool,
    ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::host::Host;
use super::prompts::PROMPTS;
use super::refusal::{Refusal, cut};
use super::resources;
use super::tools::{self, Field, Progress, Reply, TOOLS};

/// What an agent is told before it calls anything.
const INSTRUCTIONS: &str = "Loadcase computes backend architecture; it does not guess. Use `design` before you \
    recommend an architecture, store, queue or service count, `ask` for a single question, `what_if` for follow-ups on \
    a design, `simulate` for load and failures, `review` for a repository, `verify` for versions, `explain` for \
    reasons, technologies and rules, `diff` for two versions. Pass on what the user said in their words; do not invent \
    numbers. Every number carries its origin: keep the letter when you quote it, and say which are assumed. Longer \
    documents are resources under loadcase://design/{design_id}/.";

/// Calls that compute at the same time; others wait.
const AT_ONCE: usize = 4;
/// Longest time for a call.
const LONGEST_CALL: Duration = Duration::from_secs(300);
/// How long a user may take over a form.
const LONGEST_FORM: Duration = Duration::from_secs(600);
/// The name of the form among the requests for input.
const FORM: &str = "missing-context";

/// The server.
#[derive(Clone)]
pub struct Server {
    host: Arc<Host>,
    busy: Arc<Semaphore>,
    seal: Arc<RequestStateCodec>,
}

impl Server {
    /// A server of this host. `secret` seals what clients hand back between two rounds of a call.
    ///
    /// # Panics
    /// Never: a secret of 32 bytes is long enough.
    #[must_use]
    pub fn new(host: Arc<Host>, secret: [u8; 32]) -> Self {
        Self {
            host,
            busy: Arc::new(Semaphore::new(AT_ONCE)),
            seal: Arc::new(RequestStateCodec::try_new(secret.to_vec()).expect("32 bytes are long enough")),
        }
    }

    /// Runs a tool on a thread of its own and tells how far it is. When the caller gives up, the result is dropped
    /// and the tool stops at its next step; it gives back its place only then.
    async fn run(
        &self,
        tool: &'static tools::Tool,
        arguments: Value,
        context: &RequestContext<RoleServer>,
    ) -> Result<Reply, Refusal> {
        let gone = || Refusal::new("the call was cancelled", "call again");
        let permit = tokio::select! {
            permit = Arc::clone(&self.busy).acquire_owned() => permit.map_err(|_| gone())?,
            () = context.ct.cancelled() => return Err(gone()),
        };
        let (sender, mut steps) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        // Leaving this function for whatever reason stops the tool.
        let _stops = stop.clone().drop_guard();
        let told = Told { sender, stop, last: AtomicU32::new(0) };
        let host = Arc::clone(&self.host);
        let mut work = tokio::task::spawn_blocking(move || {
            let reply = (tool.run)(&host, arguments, &told);
            drop(permit);
            reply
        });
        let token = context.meta.get_progress_token();
        let deadline = tokio::time::sleep(LONGEST_CALL);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                ended = &mut work => {
                    let failed = |_| Refusal::new("internal error: the tool failed", "report it with the arguments");
                    return ended.map_err(failed)?;
                }
                Some((step, total, doing)) = steps.recv() => {
                    if let Some(token) = token.clone() {
                        let note = ProgressNotificationParam::new(token, f64::from(step))
                            .with_total(f64::from(total))
                            .with_message(doing);
                        // A client that no longer listens is noticed elsewhere.
                        let _ = context.peer.notify_progress(note).await;
                    }
                }
                () = context.ct.cancelled() => return Err(gone()),
                () = &mut deadline => {
                    return Err(Refusal::new("the call took too long", "ask for less: a smaller folder, fewer rules"));
                }
            }
        }
    }

    /// Asks the user by a request of the older protocol; nothing when the answer is no, late or unreadable.
    async fn ask_directly(&self, fields: &[Field], context: &RequestContext<RoleServer>) -> Option<Value> {
        let asked = context.peer.create_elicitation_with_timeout(form(fields)?, Some(LONGEST_FORM));
        let answer = tokio::select! {
            answer = asked => answer.ok()?,
            () = context.ct.cancelled() => return None,
        };
        let accepted = answer.action == rmcp::model::ElicitationAction::Accept;
        answer.content.filter(|_| accepted)
    }

    /// The answer to a call that needs the user first, in the newer protocol: the client asks and calls again.
    fn ask_by_return(&self, fields: &[Field], bound: &[u8]) -> Option<CallToolResponse> {
        let request = InputRequest::Elicitation(ElicitRequest::new(form(fields)?));
        let options = SealOptions::new().associated_data(bound).ttl(LONGEST_FORM);
        let state = self.seal.seal_with(b"asked", &options);
        let requests = BTreeMap::from([(FORM.to_owned(), request)]);
        Some(InputRequiredResult::new(Some(requests), Some(state)).into())
    }
}

/// Passes the steps of a tool on.
struct Told {
    sender: mpsc::UnboundedSender<(u32, u32, String)>,
    stop: CancellationToken,
    last: AtomicU32,
}

impl Progress for Told {
    fn step(&self, step: u32, total: u32, doing: &str) -> Result<(), Refusal> {
        if self.stop.is_cancelled() {
            return Err(Refusal::new("the call was cancelled", "call again"));
        }
        // Progress must grow: a step that is told again is not news.
        if self.last.fetch_max(step, Ordering::Relaxed) < step {
            let _ = self.sender.send((step, total, doing.to_owned()));
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.stop.is_cancelled()
    }
}

/// The form for what could change the design: every field optional, with what is assumed without it.
fn form(fields: &[Field]) -> Option<ElicitRequestParams> {
    let properties: serde_json::Map<String, Value> = fields
        .iter()
        .map(|f| {
            let told = format!("{} Empty: {} is used. One value, or now / in 24 months.", f.why, f.assumed);
            (f.input.clone(), json!({"type": "string", "title": f.ask, "description": told, "maxLength": 60}))
        })
        .collect();
    let schema: ElicitationSchema =
        serde_json::from_value(json!({"type": "object", "properties": properties})).ok()?;
    Some(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: "These could change the design. Leave empty what you do not know.".to_owned(),
        requested_schema: schema,
    })
}

/// The arguments with the user's answers in them; those the caller gave stay.
fn with_answers(arguments: &Value, fields: &[Field], content: &Value) -> Value {
    let mut arguments = arguments.clone();
    let Some(object) = arguments.as_object_mut() else { return arguments };
    object.insert("ask_user".to_owned(), Value::Bool(false));
    let answers = object.entry("answers").or_insert_with(|| json!({}));
    if let Some(answers) = answers.as_object_mut() {
        for field in fields {
            let given =
                content.get(&field.input).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
            if let Some(given) = given {
                answers.entry(field.input.clone()).or_insert_with(|| json!(given));
            }
        }
    }
    arguments
}

/// What the user answered to the form of an earlier round; null when they declined.
fn answered(responses: Option<&InputResponses>) -> Option<Value> {
    let response = responses?.get(FORM)?;
    let accepted = response.get("action").and_then(Value::as_str) == Some("accept");
    Some(response.get("content").filter(|_| accepted).cloned().unwrap_or(Value::Null))
}

fn can_fill_forms(context: &RequestContext<RoleServer>) -> bool {
    let capabilities = context.client_capabilities();
    // A client that names neither kind of form means the plain one.
    capabilities.and_then(|c| c.elicitation).is_some_and(|e| e.form.is_some() || e.url.is_none())
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    let modern = ProtocolVersion::V_2026_07_28;
    context.protocol_version().is_some_and(|v| v.as_str() >= modern.as_str())
}

fn complete(reply: Reply) -> CallToolResponse {
    let mut content = vec![ContentBlock::text(reply.text)];
    content.extend(reply.links.into_iter().map(|(uri, title)| {
        let name = uri.rsplit('/').next().unwrap_or_default().to_owned();
        ContentBlock::resource_link(
            Resource::new(uri, name).with_title(title).with_mime_type("text/markdown"),
        )
    }));
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(reply.structured);
    result.into()
}

fn refused(refusal: &Refusal) -> CallToolResponse {
    CallToolResult::error(vec![ContentBlock::text(refusal.text())]).into()
}

fn object(value: Value) -> Arc<JsonObject> {
    Arc::new(match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    })
}

/// A tool as clients see it.
fn listed(tool: &tools::Tool) -> Tool {
    let annotations = ToolAnnotations::with_title(tool.title)
        .read_only(!tool.writes)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    Tool::new(tool.name, tool.description, object((tool.input)()))
        .with_title(tool.title)
        .with_raw_output_schema(object((tool.output)()))
        .with_annotations(annotations)
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build();
        let about = Implementation::new("loadcase", env!("CARGO_PKG_VERSION"))
            .with_title("Loadcase")
            .with_description("A backend architect that computes");
        ServerConfig::new(capabilities).with_server_info(about).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.iter().map(listed).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::find(name).map(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = tools::find(&request.name) else {
            let names: Vec<&str> = TOOLS.iter().map(|t| t.name).collect();
            let message =
                format!("there are the tools {}; none is called `{}`", names.join(", "), request.name);
            return Err(ErrorData::invalid_params(cut(&message), None));
        };
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let bound = blake3::hash(format!("{}\0{arguments}", tool.name).as_bytes());
        let bound = bound.as_bytes().as_slice();
        let reply = match self.run(tool, arguments.clone(), &context).await {
            Ok(reply) => reply,
            Err(refusal) => return Ok(refused(&refusal)),
        };
        let fields = &reply.questions;
        if fields.is_empty() || !can_fill_forms(&context) {
            return Ok(complete(reply));
        }
        let content = if let Some(state) = &request.request_state {
            if self.seal.open_with(state, bound).is_err() {
                let refusal = Refusal::new(
                    "the answers do not belong to this call, or came too late",
                    "call again without inputResponses and requestState",
                );
                return Ok(refused(&refusal));
            }
            answered(request.input_responses.as_ref())
        } else if is_modern(&context) {
            match self.ask_by_return(fields, bound) {
                Some(response) => return Ok(response),
                None => None,
            }
        } else {
            self.ask_directly(fields, &context).await
        };
        let Some(content) = content.filter(Value::is_object) else { return Ok(complete(reply)) };
        match self.run(tool, with_answers(&arguments, fields, &content), &context).await {
            Ok(reply) => Ok(complete(reply)),
            Err(refusal) => Ok(refused(&refusal)),
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let one =
            |r: resources::Resource| Resource::new(r.uri, r.name).with_title(r.title).with_mime_type(r.mime);
        Ok(ListResourcesResult::with_all_items(resources::list(&self.host).into_iter().map(one).collect()))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let template = ResourceTemplate::new(resources::TEMPLATE, "deliverable")
            .with_title("A deliverable of a design")
            .with_description(
                "path: report.md, architecture.md, openapi.yaml, schema.sql, design.json, ...; `files` lists all",
            );
        Ok(ListResourceTemplatesResult::with_all_items(vec![template]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let host = Arc::clone(&self.host);
        let uri = request.uri.clone();
        let read = tokio::task::spawn_blocking(move || resources::read(&host, &uri)).await;
        let (text, mime) =
            read.map_err(|_| ErrorData::internal_error("the resource could not be made", None))?.map_err(
                |refusal| ErrorData::resource_not_found(refusal.text(), Some(json!({"uri": request.uri}))),
            )?;
        let contents = ResourceContents::text(text, request.uri).with_mime_type(mime);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let one = |p: &super::prompts::Prompt| {
            let (name, what, required) = p.argument;
            let argument = PromptArgument::new(name).with_description(what).with_required(required);
            Prompt::new(p.name, Some(p.description), Some(vec![argument])).with_title(p.title)
        };
        Ok(ListPromptsResult::with_all_items(PROMPTS.iter().map(one).collect()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let Some(prompt) = PROMPTS.iter().find(|p| p.name == request.name) else {
            let names: Vec<&str> = PROMPTS.iter().map(|p| p.name).collect();
            let message =
                format!("there are the prompts {}; none is called `{}`", names.join(", "), request.name);
            return Err(ErrorData::invalid_params(cut(&message), None));
        };
        let arguments = request.arguments.unwrap_or_default();
        let given = arguments.get(prompt.argument.0).and_then(Value::as_str);
        let text = prompt.filled(given).map_err(|why| ErrorData::invalid_params(why, None))?;
        let message = PromptMessage::new_text(Role::User, text);
        Ok(GetPromptResult::new(vec![message]).with_description(prompt.description).into())
    }
}
