//! The part of `data-design.md` on caches: what each operation's answer may be kept in, under which key, for how
//! long, what makes it stale, and what keeps a thousand callers from asking for it at once.

use loadcase_catalog::{Dialect, EdgePolicy};
use loadcase_model::{
    Access, AccessKind, Component, ComponentKind, Figure, Id, Operation, OperationKind, Origin, Unit,
};

use crate::honesty::tagged;
use crate::text::listed;
use crate::text::markdown::{Doc, Table, code, name};
use crate::view::View;

/// Seconds that an answer may be old, by who shares it. Judgements: what people do not notice.
const PUBLIC_S: f64 = 60.0;
const SHARED_S: f64 = 60.0;
const STILL_S: f64 = 3_600.0;
/// How long one caller may be busy filling a cache before another tries.
const FILLING_S: f64 = 5.0;

/// The chapter.
pub(crate) fn chapter(doc: &mut Doc, view: &View<'_>) {
    let layers = Layers::of(view);
    doc.heading(2, "Caches");
    doc.list(layers.told(view));
    let reads: Vec<_> = view.blueprint().operations.iter().filter(|(_, o)| is_read(o)).collect();
    let mut table = Table::new(&["operation", "kept in", "key", "fresh for", "made stale by"]);
    let mut never = Vec::new();
    for (id, operation) in reads {
        let policy = policy(view, id, operation);
        let kept = layers.kept(policy);
        if kept.is_empty() {
            never.push(name(&operation.name));
            continue;
        }
        table.row([
            name(&operation.name),
            listed(&kept.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>()),
            key(view, id, operation, policy),
            life(view, operation, policy),
            stale(view, id, operation),
        ]);
    }
    doc.table(&table, "No answer may be kept anywhere.");
    if !never.is_empty() {
        doc.para(format!("Answered by the store each time: {}.", listed(&never)));
    }
    doc.heading(3, "Many callers, one answer");
    doc.list(layers.stampede());
}

/// Whose answer an operation gives: as the domain says, else as its roles and accesses say.
fn policy(view: &View<'_>, id: &Id, operation: &Operation) -> EdgePolicy {
    let domains = view.design.brief.domains.iter().filter_map(|d| view.catalog.domains.get(&d.id));
    let said = domains.filter_map(|d| d.operations.get(id)).map(|o| o.cache).next();
    said.unwrap_or(if operation.roles.is_empty() { EdgePolicy::Shared } else { EdgePolicy::Private })
}

/// A request that changes nothing.
fn is_read(operation: &Operation) -> bool {
    let reads = || {
        let kinds = [AccessKind::ReadOne, AccessKind::ReadMany, AccessKind::Aggregate];
        !operation.accesses.is_empty() && operation.accesses.iter().all(|a| kinds.contains(&a.kind))
    };
    let method = operation.method.as_deref();
    operation.kind == OperationKind::Request && method.map_or_else(reads, |m| m == "GET" || m == "HEAD")
}

struct Layers {
    edge: bool,
    cache: bool,
    /// Whether the cache beside the application is one server for all processes.
    together: bool,
}

impl Layers {
    fn of(view: &View<'_>) -> Self {
        let caches = view.components(&[ComponentKind::Cache]);
        let keyed = |c: &Component| view.technology(c).is_some_and(|t| !t.has("embedded"));
        Self {
            edge: !view.components(&[ComponentKind::Edge]).is_empty(),
            cache: !caches.is_empty() || view.uses("in_process"),
            together: caches.iter().any(|(_, c)| keyed(c)),
        }
    }

    fn told(&self, view: &View<'_>) -> Vec<String> {
        let mut items = vec![
            "Client: answers carry an `ETag`; a person's own answers are `private, no-cache`, so that the client asks again and gets `304 Not Modified` when nothing changed.".to_owned(),
        ];
        items.push(if self.edge {
            "Content delivery network: answers that are the same for everybody, with `s-maxage`, which bounds how old they are. Changes and removals purge nothing; only what must be gone at once, by law or by a decision of the house, is purged by its address.".to_owned()
        } else {
            "Content delivery network: none in this design.".to_owned()
        });
        items.push(match (self.cache, self.together) {
            (true, true) => {
                let caches = view.components(&[ComponentKind::Cache]);
                let speaks = caches.iter().any(|(_, c)| view.technology(c).is_some_and(|t| t.dialect == Some(Dialect::Redis)));
                format!(
                    "Application: {} beside the processes, asked first (cache-aside). Keys begin with the product and the version of the stored form, so that a release that changes the form reads no old answers{}.",
                    listed(&caches.iter().map(|(_, c)| name(&c.name)).collect::<Vec<_>>()),
                    if speaks { "; every key is set with `EX`, none lives for ever, and memory is bounded with `allkeys-lru`" } else { "" }
                )
            }
            (true, false) => "Application: each process keeps a few hot answers in its own memory for seconds; processes may differ for that long.".to_owned(),
            (false, _) => "Application: none in this design. The store answers; add a cache when the numbers ask for it, not before.".to_owned(),
        });
        items.push(
            "Database: its own memory holds hot rows and indexes. The indexes above are chosen so that a request reads few blocks; prepared statements keep their plans.".to_owned(),
        );
        items
    }

    fn kept(&self, policy: EdgePolicy) -> Vec<&'static str> {
        let mut kept = Vec::new();
        match policy {
            EdgePolicy::None => return kept,
            EdgePolicy::Private => kept.push("client"),
            EdgePolicy::Public | EdgePolicy::Shared => {
                if policy == EdgePolicy::Public && self.edge {
                    kept.push("content delivery network");
                }
                if self.cache {
                    kept.push("application");
                }
                if kept.is_empty() {
                    kept.push("client");
                }
            }
        }
        kept
    }

    fn stampede(&self) -> Vec<String> {
        let mut items = Vec::new();
        if self.edge {
            items.push("The delivery network collapses requests for one address into one, and serves the old answer while it fetches the new one.".to_owned());
        }
        if self.together {
            items.push(format!(
                "Whoever misses takes `lock:{{key}}` with `SET NX PX` for {} and fills the cache; others wait a moment and read again, or get the old answer, which is kept twice as long as it is fresh.",
                tagged(&seconds(FILLING_S))
            ));
            items.push("Lives are spread at random by a tenth, so that what was filled together does not end together; hot keys are refreshed a little before their end by one of their readers.".to_owned());
        } else if self.cache {
            items.push(
                "Within a process one reader fills a missing answer and the others wait for it.".to_owned(),
            );
        }
        items.push("What is not there is remembered as well, for a shorter time, so that asking for unknown identifiers does not reach the store each time.".to_owned());
        items.push("When a cache is away, answers come from the store behind a limit on concurrency: a cold cache must not become an outage.".to_owned());
        items
    }
}

fn seconds(value: f64) -> Figure {
    let origin = Origin::assumed(value / 4.0, value * 4.0, "judgement: set it to what the product allows");
    Figure { value, unit: Unit::Seconds, origin }
}

/// The key: product, version of the form, tenant, operation, what the caller asked for.
fn key(view: &View<'_>, id: &Id, operation: &Operation, policy: EdgePolicy) -> String {
    if policy == EdgePolicy::Private {
        return "the address, in the caller's own cache".to_owned();
    }
    let slug = Id::slug(&view.blueprint().name);
    let scoped = operation
        .accesses
        .iter()
        .any(|a| view.blueprint().entities.get(&a.entity).is_some_and(|e| e.tenant_scoped));
    let mut parts = vec![slug.as_str().to_owned(), "v1".to_owned()];
    if scoped {
        parts.push("{tenant_id}".to_owned());
    }
    parts.push(id.as_str().to_owned());
    let path = operation.path.as_deref().unwrap_or_default();
    parts.extend(path.split('/').filter(|s| s.starts_with('{') && s.ends_with('}')).map(str::to_owned));
    if !path.ends_with('}') && operation.accesses.iter().any(|a| a.kind == AccessKind::ReadMany) {
        parts.push("{query}".to_owned());
    }
    code(&parts.join(":"))
}

/// How long an answer lives: longer where nothing changes the rows it comes from.
fn life(view: &View<'_>, operation: &Operation, policy: EdgePolicy) -> String {
    let still = operation.accesses.iter().all(|a| {
        let changes = view.blueprint().operations.values().flat_map(|o| &o.accesses);
        !changes.into_iter().any(|c| c.entity == a.entity && writes(c.kind))
    });
    match policy {
        EdgePolicy::Private | EdgePolicy::None => "asked again each time, by `ETag`".to_owned(),
        _ if still => tagged(&seconds(STILL_S)),
        EdgePolicy::Public => tagged(&seconds(PUBLIC_S)),
        EdgePolicy::Shared => tagged(&seconds(SHARED_S)),
    }
}

const fn writes(kind: AccessKind) -> bool {
    matches!(kind, AccessKind::Insert | AccessKind::Update | AccessKind::Delete)
}

/// The operations that change what an answer is made of. Rows that are added cannot change an answer that reads
/// rows by their identifiers.
fn stale(view: &View<'_>, id: &Id, operation: &Operation) -> String {
    let own: Vec<&Access> = operation.accesses.iter().filter(|a| !is_callers(view, a)).collect();
    let changes = |change: &Access| {
        writes(change.kind)
            && own.iter().any(|read| {
                let by_key = read.kind == AccessKind::ReadOne || read.by.iter().any(|f| f == "id");
                read.entity == change.entity && !(by_key && change.kind == AccessKind::Insert)
            })
    };
    let changers: Vec<String> = view
        .blueprint()
        .operations
        .iter()
        // What the clock starts waits for no reader: until then, and after, the life of an answer bounds its age.
        .filter(|(other, o)| {
            *other != id && o.kind != OperationKind::Scheduled && o.accesses.iter().any(changes)
        })
        .map(|(other, _)| code(other.as_str()))
        .collect();
    let apart: Vec<String> =
        operation.accesses.iter().filter(|a| is_callers(view, a)).map(|a| code(a.entity.as_str())).collect();
    if Layers::of(view).kept(policy(view, id, operation)) == ["content delivery network"] {
        return "its end of life; a purge where it must be gone at once".to_owned();
    }
    let mut text = if changers.is_empty() { "its end of life only".to_owned() } else { listed(&changers) };
    if !apart.is_empty() && policy(view, id, operation) != EdgePolicy::Private {
        text.push_str(&format!("; {} is read for each caller, beside what is kept", listed(&apart)));
    }
    text
}

/// Whether an access reads what concerns the caller and one other thing: a right, a mark, a relation.
fn is_callers(view: &View<'_>, access: &Access) -> bool {
    let entity = view.blueprint().entities.get(&access.entity);
    entity.is_some_and(|e| {
        e.key.len() > 1 && e.key.iter().all(|f| access.by.contains(f)) && access.order.is_empty()
    })
}
