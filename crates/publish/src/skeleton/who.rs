//! Who calls: which rows prove it, and which roles each kind of proof may give.
//!
//! A session or a key is found by the hash of what the caller sends, in the tables that the blueprint looks up before
//! an operation begins; what has ended proves nothing any more, and roles are those of rows as they are now. Only
//! where the design has tokens of an identity provider do claims say who calls, and never more than such a token may.

use std::collections::BTreeSet;

use loadcase_model::{Access, Blueprint, Entity, FieldType, Id};
use serde_json::{Value, json};

use super::sql::{literal, name};
use super::table::{Column, Table, table};
use super::{Sources, quoted};
use crate::api::{Scheme, is_account};
use crate::deploy::Plan;

/// How long a second factor counts, in PostgreSQL's words.
const STRONG_FOR: &str = "interval '15 minutes'";

/// What the service asks its tables about whoever calls.
#[derive(Default)]
pub(crate) struct Who {
    /// Finds a session by the hash of its cookie.
    session: Option<String>,
    /// Finds a key by its hash, and by what it begins with where the design keeps that.
    key: Option<String>,
    /// Finds what a signed proof of a device's own names: a certificate.
    device: Option<String>,
    /// Finds what an opaque token of some other kind stands for.
    bearer: Option<String>,
    /// Whether tokens of an identity provider are taken.
    pub(crate) tokens: bool,
    /// What such tokens may give.
    token_roles: Vec<String>,
    /// Of these, what only somebody gets who showed a second factor.
    strong_roles: Vec<String>,
    /// Proofs of the design that nothing here can look up: never a reason to take something else instead.
    unread: Vec<String>,
    /// Roles for which there is neither a row nor a claim: nobody has them until there is.
    nobody: Vec<String>,
    cookies: Vec<String>,
    header: String,
    /// Tables that a test has to fill, each with its entity.
    pub(crate) tables: Vec<Id>,
}

impl Who {
    pub(crate) fn value(&self) -> Value {
        let text = |sql: &Option<String>| sql.clone().unwrap_or_default();
        let words = |list: &[String]| super::routes::list(list);
        json!({
            "session_sql": text(&self.session),
            "key_sql": text(&self.key),
            "device_sql": text(&self.device),
            "bearer_sql": text(&self.bearer),
            "looks_up": self.session.is_some() || self.key.is_some() || self.device.is_some() || self.bearer.is_some(),
            "tokens": self.tokens,
            "token_roles": words(&self.token_roles),
            "token_role_words": self.token_roles.iter().map(|w| quoted(w)).collect::<Vec<_>>(),
            "strong_roles": words(&self.strong_roles),
            "strong_role_words": self.strong_roles.iter().map(|w| quoted(w)).collect::<Vec<_>>(),
            "nobody": self.nobody.join(", "),
            "unread": self.unread.iter().map(|u| quoted(u)).collect::<Vec<_>>(),
            "cookies": self.cookies.iter().map(|c| quoted(c)).collect::<Vec<_>>(),
            "header_text": quoted(&self.header),
        })
    }

    /// By what a test of an operation shows who it is: the first that has a way in by its rows.
    pub(crate) fn test_proof(&self, schemes: &[String]) -> &'static str {
        let has = |scheme: &str| schemes.iter().any(|s| s == scheme);
        match () {
            () if self.session.is_some() && has("session") => "session",
            () if self.tokens && (has("session") || has("oauth2") || has("bearer")) => "token",
            () if self.key.is_some() && has("apiKey") => "key",
            () if self.session.is_some() && has("strongSession") => "session",
            () => "token",
        }
    }
}

/// What there is to read.
struct Reading<'a> {
    blueprint: &'a Blueprint,
    sources: &'a Sources<'a>,
    /// The role that looks before the tenant is known; empty where there is none.
    identity: String,
}

/// A table that was found, with its entity.
struct Found<'a> {
    id: &'a Id,
    entity: &'a Entity,
    table: Table,
}

/// Reads from the design who may call and how that is proven.
pub(crate) fn who(plan: &Plan<'_>, contract: Option<&Value>, sources: &Sources<'_>) -> Who {
    let blueprint = plan.view.blueprint();
    let rights = sources.schemas.iter().find_map(|(id, _)| crate::data::rights(&plan.view, id));
    let identity = rights.and_then(|r| r.identity).unwrap_or_default();
    let it = Reading { blueprint, sources, identity };
    let mut who = Who::default();
    let schemes = contract.and_then(|c| c["components"]["securitySchemes"].as_object());
    for (kind, scheme) in schemes.into_iter().flatten() {
        let named = scheme["name"].as_str().unwrap_or("").to_owned();
        match scheme["in"].as_str() {
            Some("cookie") => who.cookies.push(named),
            Some("header") if kind == "apiKey" => who.header = named,
            _ => {}
        }
    }
    let chains = chains(plan);
    let of = |scheme: Scheme| chains.iter().find(|(s, _)| *s == scheme).map(|(_, c)| c.as_slice());
    who.session = of(Scheme::Session).and_then(|chain| session(&it, chain, &mut who));
    who.key = keys(&it, of(Scheme::ApiKey), &mut who);
    let missing = [(Scheme::Session, &who.session), (Scheme::ApiKey, &who.key)].map(|(scheme, sql)| {
        let chain = of(scheme).filter(|chain| sql.is_none() && chain.first().is_some_and(is_secret))?;
        let read = chain.iter().map(|a| crate::text::clean(a.entity.as_str())).collect::<Vec<_>>();
        Some(format!("{}: {}", scheme.name(), read.join(", ")))
    });
    who.unread = missing.into_iter().flatten().collect();
    own_proof(&it, &mut who);
    let strong = roles_by(blueprint, |s| s == Scheme::StrongSession);
    if who.session.is_none() {
        who.token_roles = roles_by(blueprint, |s| matches!(s, Scheme::Session | Scheme::StrongSession));
        who.strong_roles.clone_from(&strong);
    }
    if who.device.is_none() && who.bearer.is_none() {
        who.token_roles.extend(roles_by(blueprint, |s| matches!(s, Scheme::Bearer | Scheme::MutualTls)));
    }
    if who.key.is_none() {
        who.token_roles.extend(roles_by(blueprint, |s| s == Scheme::ApiKey));
    }
    let needs_tokens = schemes.into_iter().flatten().any(|(kind, _)| match kind.as_str() {
        "oauth2" => true,
        "bearer" => who.device.is_none() && who.bearer.is_none(),
        "session" | "strongSession" => who.session.is_none(),
        _ => false,
    });
    who.tokens = needs_tokens || who.session.is_none() && who.key.is_none();
    who
}

/// Whether an access finds its row by a secret that the caller sends, or by what a key begins with.
fn is_secret(access: &Access) -> bool {
    access.by.iter().any(|k| k.as_str().ends_with("_hash") || *k == *"prefix")
}

/// Roles of those who prove themselves in a way.
fn roles_by(blueprint: &Blueprint, is: impl Fn(Scheme) -> bool) -> Vec<String> {
    let actors = blueprint.actors.iter();
    let shows = |word: &Option<Id>| word.as_ref().and_then(|w| Scheme::of(w.as_str())).is_some_and(&is);
    actors.filter(|(_, a)| shows(&a.authenticates_by)).map(|(id, _)| id.to_string()).collect()
}

/// What the domains look up for each way to prove who one is, where the operations of the blueprint do.
fn chains(plan: &Plan<'_>) -> Vec<(Scheme, Vec<Access>)> {
    let view = &plan.view;
    let domains = view.design.brief.domains.iter().filter_map(|d| view.catalog.domains.get(&d.id));
    let used = |chain: &[Access]| {
        let in_one = |proof: &[Access]| {
            chain.iter().all(|a| proof.iter().any(|p| p.entity == a.entity && p.by == a.by))
        };
        !chain.is_empty() && view.blueprint().operations.values().any(|o| in_one(&o.proof))
    };
    domains
        .flat_map(|d| &d.proofs)
        .filter(|(_, lookup)| used(&lookup.accesses))
        .filter_map(|(word, lookup)| Some((Scheme::of(word.as_str())?, lookup.accesses.clone())))
        .collect()
}

impl<'a> Reading<'a> {
    fn found(&self, id: &'a Id) -> Option<Found<'a>> {
        let entity = self.blueprint.entities.get(id)?;
        let named = crate::data::identifier(id.as_str());
        let table = self.sources.schemas.iter().find_map(|(_, schema)| table(schema, &named))?;
        Some(Found { id, entity, table })
    }

    /// Whether the role that looks before the tenant is known may read a table whole.
    fn reads(&self, table: &Table) -> bool {
        let grant = format!(" ON {} TO ", table.written);
        self.identity.is_empty()
            || self.sources.schemas.iter().flat_map(|(_, s)| s.lines()).any(|line| {
                line.starts_with("GRANT SELECT")
                    && !line.starts_with("GRANT SELECT (")
                    && line.contains(&grant)
                    && line.contains(&self.identity)
            })
    }

    /// The field by which rows of an entity say whose account they are.
    fn account(&self, entity: &'a Entity) -> Option<(&'a str, &'a Id)> {
        entity.fields.iter().find_map(|f| {
            let to = f.to.as_ref().filter(|to| f.kind == FieldType::Ref && is_account(self.blueprint, to))?;
            Some((f.name.as_str(), to))
        })
    }

    /// Tables that say which roles an account has: at most one row for each account, in its tenant or in all.
    fn role_tables(&self) -> Vec<(Found<'a>, &'a str, &'a str, &'a [String])> {
        let blueprint = self.blueprint;
        let single = |entity: &'a Entity| {
            let (account, _) = self.account(entity)?;
            let kinds = entity.fields.iter().filter(|f| f.kind == FieldType::Enum).map(|f| f.name.as_str());
            let kinds: BTreeSet<&str> = kinds.collect();
            let own = |group: &[Id]| {
                group.iter().any(|f| *f == account)
                    && group.iter().all(|f| *f == account || kinds.contains(f.as_str()))
            };
            let unique = entity.unique.iter().any(|g| own(g))
                || entity.unique_when.iter().any(|u| own(&u.fields))
                || own(&entity.key)
                || entity.fields.iter().any(|f| f.unique && f.name == account);
            unique.then_some(account)
        };
        let named = |f: &&loadcase_model::Field| {
            f.kind == FieldType::Enum && f.values.iter().any(|v| blueprint.actors.contains_key(v.as_str()))
        };
        blueprint
            .entities
            .iter()
            .filter_map(|(id, entity)| {
                let role = entity.fields.iter().find(named)?;
                let account = if is_account(blueprint, id) { "id" } else { single(entity)? };
                let found = self.found(id).filter(|f| self.reads(&f.table))?;
                Some((found, account, role.name.as_str(), role.values.as_slice()))
            })
            .collect()
    }
}

/// What rows must be like to prove anything: neither ended nor taken back.
pub(crate) fn alive(alias: &str, table: &Table) -> String {
    const ENDS: &[&str] = &["expires_at", "ends_at", "valid_until"];
    const ENDED: &[&str] = &[
        "revoked_at",
        "ended_at",
        "disabled_at",
        "deleted_at",
        "removed_at",
        "suspended_at",
        "closed_at",
        "used_at",
        "blocked_at",
        "erasing_since",
    ];
    let condition = |column: &Column| {
        let own = format!("{alias}.{}", name(&column.name));
        match column.name.as_str() {
            n if ENDS.contains(&n) && column.required => Some(format!("{own} > now()")),
            n if ENDS.contains(&n) => Some(format!("({own} IS NULL OR {own} > now())")),
            n if ENDED.contains(&n) => Some(format!("{own} IS NULL")),
            "state" | "status" if column.words.iter().any(|w| w == "active") => {
                Some(format!("{own} = 'active'"))
            }
            _ => None,
        }
    };
    table.columns.iter().filter_map(condition).map(|c| format!(" AND {c}")).collect()
}

/// States of a tenant in which nobody is there any more.
const GONE: &[&str] = &["erased", "deleted", "removed", "closed", "ended"];
/// States in which a tenant's work rests: it is read, and its owners decide what becomes of it.
const RESTS: &[&str] =
    &["suspended", "deleting", "closing", "leaving", "frozen", "blocked", "locked", "disabled", "paused"];

/// What the row of a tenant must be like, where the design reads it with a proof.
struct Tenant {
    table: Table,
    key: String,
    state: Option<Column>,
}

impl Tenant {
    /// The tenants' own table, as the later accesses of a proof read it.
    fn of<'a>(it: &Reading<'a>, chain: &[Access], who: &mut Who) -> Option<Self> {
        let is = |a: &&Access| {
            it.blueprint.entities.get(&a.entity).is_some_and(|e| crate::data::is_tenants(&a.entity, e))
        };
        let access = chain.iter().skip(1).find(is)?;
        let (id, _) = it.blueprint.entities.get_key_value(&access.entity)?;
        let table = it.found(id).filter(|f| it.reads(&f.table))?.table;
        let key = ["tenant_id", "id"].into_iter().find(|k| table.column(k).is_some())?.to_owned();
        let state = ["state", "status"].into_iter().find_map(|n| table.column(n)).cloned();
        who.tables.push(id.clone());
        Some(Self { table, key, state })
    }

    /// The condition that a tenant is there, and that its work goes on or only something is read.
    fn open(&self, id: &str, rests: bool, reads: bool) -> String {
        let words = |list: &[&str]| {
            let state = self.state.as_ref()?;
            let found: Vec<String> =
                state.words.iter().filter(|w| list.contains(&w.as_str())).map(|w| literal(w)).collect();
            let refused = format!("o.{} NOT IN ({})", name(&state.name), found.join(", "));
            (!found.is_empty()).then_some(refused)
        };
        let gone = words(GONE).map(|c| format!(" AND {c}"));
        let resting = words(RESTS)
            .filter(|_| !rests)
            .map(|c| if reads { format!(" AND ({c} OR it->'reads' = 'true')") } else { format!(" AND {c}") });
        format!(
            " AND EXISTS (SELECT FROM {} AS o WHERE o.{} = {id}{}{})",
            self.table.written,
            name(&self.key),
            gone.unwrap_or_default(),
            resting.unwrap_or_default()
        )
    }
}

/// The hash of what was sent, as a column keeps it.
fn hashed(column: &Column) -> &'static str {
    if column.kind == "bytea" { "decode(it->>'hash', 'hex')" } else { "it->>'hash'" }
}

/// Whether what is read is the row of the tenant.
fn is_of_tenants(it: &Reading<'_>, access: &Access) -> bool {
    it.blueprint.entities.get(&access.entity).is_some_and(|e| crate::data::is_tenants(&access.entity, e))
}

/// Whoever is signed in has the first role that no row says; nobody has the others.
fn base_role(plain: &[String], strong: &[String], given: &BTreeSet<String>, who: &mut Who) -> Option<String> {
    let mut others = plain.iter().chain(strong).filter(|r| !given.contains(*r));
    let base = others.next();
    let said = base.filter(|b| plain.contains(b));
    who.nobody.extend(base.filter(|_| said.is_none()).cloned());
    who.nobody.extend(others.cloned());
    said.map(|b| format!("SELECT {}", literal(b)))
}

/// A session with its account, the tenant in use and the roles that rows give now.
fn session<'a>(it: &Reading<'a>, chain: &[Access], who: &mut Who) -> Option<String> {
    let access = chain.first()?;
    if !chain[1..].iter().all(|a| is_of_tenants(it, a)) {
        return None;
    }
    let (id, _) = it.blueprint.entities.get_key_value(&access.entity)?;
    let found = it.found(id)?;
    let hash = access.by.iter().find_map(|k| found.table.column(k.as_str()))?;
    let (account, account_id) = it.account(found.entity)?;
    let people = it.found(account_id)?;
    let in_use = found.entity.fields.iter().find(|f| f.kind == FieldType::Ref && f.name != account);
    let owner = Tenant::of(it, chain, who);
    if owner.is_none() && chain.len() > 1 {
        return None;
    }
    let strong = found.table.columns.iter().find(|c| c.name.starts_with("proved"));
    let strong = strong.map_or("false".to_owned(), |c| {
        format!("coalesce(p.{} > now() - {STRONG_FOR}, false)", name(&c.name))
    });
    let strong_roles = roles_by(it.blueprint, |s| s == Scheme::StrongSession);
    let plain_roles = roles_by(it.blueprint, |s| s == Scheme::Session);
    let mut given: BTreeSet<String> = BTreeSet::new();
    let mut parts = Vec::new();
    let mut tenant = "NULL".to_owned();
    who.tables.extend([id.clone(), account_id.clone()]);
    for (own, column, role, words) in it.role_tables() {
        let scoped = own.entity.tenant_scoped && own.table.column("tenant_id").is_some();
        let (mut open, mut rests) = (String::new(), String::new());
        let mut rows = format!("t.{} = p.{}{}", name(column), name(account), alive("t", &own.table));
        if scoped {
            if let Some(used) = in_use {
                rows.push_str(&format!(" AND t.tenant_id = p.{}", name(used.name.as_str())));
            }
            if let Some(owner) = &owner {
                (open, rests) =
                    (owner.open("t.tenant_id", false, true), owner.open("t.tenant_id", true, true));
            }
            tenant =
                format!("(SELECT t.tenant_id FROM {} AS t WHERE {rows}{rests} LIMIT 1)", own.table.written);
        }
        let from = format!("FROM {} AS t WHERE {rows}", own.table.written);
        let mut add = |wanted: &[String], only: &str| {
            let mine: Vec<&String> = wanted.iter().filter(|w| words.contains(w)).collect();
            if !mine.is_empty() {
                let list: Vec<String> = mine.iter().map(|w| literal(w)).collect();
                parts.push(format!(
                    "SELECT t.{0} {from}{only}{open} AND t.{0} IN ({1})",
                    name(role),
                    list.join(", ")
                ));
                given.extend(mine.into_iter().cloned());
            }
            for word in wanted.iter().filter(|w| own.table.column(&format!("{w}_since")).is_some()) {
                let since = name(&format!("{word}_since"));
                parts.push(format!("SELECT {} {from}{only}{rests} AND t.{since} IS NOT NULL", literal(word)));
                given.insert(word.clone());
            }
        };
        add(&plain_roles, "");
        add(&strong_roles, &format!(" AND {strong}"));
        if *own.id != *account_id {
            who.tables.push(own.id.clone());
        }
    }
    parts.splice(0..0, base_role(&plain_roles, &strong_roles, &given, who));
    if parts.is_empty() {
        parts.push("SELECT NULL WHERE false".to_owned());
    }
    Some(format!(
        "WITH given AS (SELECT $1::jsonb AS it)\nSELECT jsonb_build_object(\n    'id', p.{account}, 'person', p.{account}, 'proof', 'session', 'session', p.id, 'tenant', {tenant},\n    'roles', to_jsonb(ARRAY(\n        {}\n    )),\n    'bound', '{{}}'::jsonb\n) AS row\nFROM given\nJOIN {} AS p ON p.{} = {}{}\nJOIN {} AS a ON a.id = p.{account}{}\n",
        parts.join("\n        UNION ALL "),
        found.table.written,
        name(&hash.name),
        hashed(hash),
        alive("p", &found.table),
        people.table.written,
        alive("a", &people.table),
        account = name(account),
    ))
}

/// A key: what the blueprint looks up, or else the table whose rows hold its hash.
fn keys<'a>(it: &Reading<'a>, chain: Option<&[Access]>, who: &mut Who) -> Option<String> {
    let roles = roles_by(it.blueprint, |s| s == Scheme::ApiKey);
    let [role] = &roles[..] else { return None };
    let hash = "key_hash";
    // The tenant of a key is read after it.
    let has_hash = |a: &&Access| {
        let entity = it.blueprint.entities.get(&a.entity);
        entity.is_some_and(|e| e.fields.iter().any(|f| f.name == hash))
    };
    let owner = chain.and_then(|c| Tenant::of(it, c, who));
    let chain = match chain {
        Some(whole) => {
            let (proof, rest) = whole.split_at(whole.iter().position(|a| has_hash(&a))? + 1);
            if rest.len() != usize::from(owner.is_some()) {
                return None;
            }
            Some(proof)
        }
        None => None,
    };
    let last = match chain {
        Some(chain) => it.blueprint.entities.get_key_value(&chain.last()?.entity)?.0,
        None => only_keys(it.blueprint, hash)?,
    };
    let found = it.found(last).filter(|f| it.reads(&f.table))?;
    let column = found.table.column(hash)?;
    let mut from = format!("FROM given\nJOIN {} AS p ON ", found.table.written);
    if let Some([first, second]) = chain {
        let (id, _) = it.blueprint.entities.get_key_value(&first.entity)?;
        let prefix = it.found(id)?;
        let (by, to) = (first.by.last()?, second.by.last()?);
        from = format!(
            "FROM given\nJOIN {} AS f ON f.{} = it->>'prefix'{}\nJOIN {} AS p ON p.{} = f.id AND ",
            prefix.table.written,
            name(by.as_str()),
            alive("f", &prefix.table),
            found.table.written,
            name(to.as_str()),
        );
        who.tables.push(id.clone());
    } else if chain.is_some_and(|c| c.len() != 1) {
        return None;
    }
    from.push_str(&format!("p.{} = {}{}", name(hash), hashed(column), alive("p", &found.table)));
    if let Some(owner) = owner.filter(|_| found.table.column("tenant_id").is_some()) {
        from.push_str(&owner.open("p.tenant_id", false, false));
    }
    let acts = it.account(found.entity).map(|(column, _)| format!("p.{}", name(column)));
    let tenant = found.table.column("tenant_id").map_or("NULL", |_| "p.tenant_id");
    // A key that acts as somebody ends with that person's membership.
    if let Some(acts) = acts.as_ref().filter(|_| tenant != "NULL") {
        let tables = it.role_tables();
        if let Some((own, account, _, _)) = tables.iter().find(|(o, ..)| o.entity.tenant_scoped) {
            from.push_str(&format!(
                "\nJOIN {} AS m ON m.tenant_id = p.tenant_id AND m.{} = {acts}{}",
                own.table.written,
                name(account),
                alive("m", &own.table)
            ));
        }
    }
    who.tables.push(last.clone());
    Some(proven("key", role, &found, acts.as_deref(), tenant, &from))
}

/// The one entity whose rows are keys of those whom a key admits: what another kind of proof finds is theirs alone, and
/// of several nobody can say which.
fn only_keys<'a>(blueprint: &'a Blueprint, hash: &str) -> Option<&'a Id> {
    let by_others: BTreeSet<&Id> = blueprint
        .operations
        .values()
        .filter(|o| {
            let shown = o.roles.iter().filter_map(|r| blueprint.actors.get(r)?.authenticates_by.as_ref());
            shown.into_iter().all(|w| Scheme::of(w.as_str()) != Some(Scheme::ApiKey))
        })
        .flat_map(|o| o.proof.iter().chain(&o.accesses))
        .filter(|a| a.by.iter().any(|k| *k == *hash))
        .map(|a| &a.entity)
        .collect();
    let mut found = blueprint
        .entities
        .iter()
        .filter(|(id, e)| e.fields.iter().any(|f| f.name == *hash) && !by_others.contains(id));
    let (only, _) = found.next()?;
    found.next().is_none().then_some(only)
}

/// A row that stands for one caller: what it refers to is all that the caller may name in a path.
fn proven(
    kind: &str,
    role: &str,
    found: &Found<'_>,
    person: Option<&str>,
    tenant: &str,
    from: &str,
) -> String {
    let refers = found.entity.fields.iter().filter(|f| f.kind == FieldType::Ref).map(|f| f.name.as_str());
    let own = crate::data::identifier(found.id.as_str());
    // A key may have a role of its own, as the people have whom it stands beside.
    let role_of_its_own = |f: &&loadcase_model::Field| f.kind == FieldType::Enum && f.name == *"role";
    let own_role = found.entity.fields.iter().filter(role_of_its_own).map(|f| f.name.as_str());
    let mut bound: Vec<String> =
        refers.chain(own_role).map(|f| format!("{}, p.{}", literal(f), name(f))).collect();
    bound.push(format!("{}, p.id", literal(&format!("{own}_id"))));
    let id = person.unwrap_or("p.id");
    format!(
        "WITH given AS (SELECT $1::jsonb AS it)\nSELECT jsonb_build_object(\n    'id', {id}, 'person', {}, 'proof', {}, 'with', p.id, 'tenant', {tenant},\n    'roles', jsonb_build_array({}),\n    'bound', jsonb_build_object({})\n) AS row\n{from}\n",
        person.unwrap_or("NULL"),
        literal(kind),
        literal(role),
        bound.join(", "),
    )
}

/// Proofs of one role's own: the certificate that a device signs with, the secret of a page handed out for once.
fn own_proof<'a>(it: &Reading<'a>, who: &mut Who) {
    for role in roles_by(it.blueprint, |s| matches!(s, Scheme::Bearer | Scheme::MutualTls)) {
        let theirs = it.blueprint.operations.values().filter(|o| o.roles.iter().all(|r| *r == *role));
        let first = theirs.filter(|o| !o.roles.is_empty()).find_map(|o| {
            let access = o.proof.first().or_else(|| o.accesses.first())?;
            let [by] = &access.by[..] else { return None };
            (by.as_str().ends_with("_print") || by.as_str().ends_with("_hash")).then_some((access, by))
        });
        let Some((access, by)) = first else { continue };
        let Some((id, _)) = it.blueprint.entities.get_key_value(&access.entity) else { continue };
        let Some(found) = it.found(id).filter(|f| it.reads(&f.table)) else { continue };
        let Some(column) = found.table.column(by.as_str()) else { continue };
        let is_print = by.as_str().ends_with("_print");
        let sent = if is_print { "it->>'print'" } else { hashed(column) };
        let tenant = found.table.column("tenant_id").map_or("NULL", |_| "p.tenant_id");
        let from = format!(
            "FROM given\nJOIN {} AS p ON p.{} = {sent}{}",
            found.table.written,
            name(by.as_str()),
            alive("p", &found.table)
        );
        let statement =
            proven(if is_print { "device" } else { "bearer" }, &role, &found, None, tenant, &from);
        if !is_print {
            who.bearer = Some(statement);
        } else if found.table.column("chain").is_some() {
            let owner = found.entity.fields.iter().find(|f| f.kind == FieldType::Ref && !f.optional);
            let owner = owner.map_or("p.id".to_owned(), |f| format!("p.{}", name(f.name.as_str())));
            let statement = statement.replacen("'id', p.id", &format!("'id', {owner}"), 1);
            who.device = Some(statement.replacen("'bound'", "'chain', p.chain, 'bound'", 1));
        }
    }
}
