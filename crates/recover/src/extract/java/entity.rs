//! Stored things: entities, repositories, SQL, and the repositories Spring Data REST exports.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{
    self, Annotation, Class, Code, Expr, Field, Kind, Method, annotated, has_any, parameters, simple,
};
use crate::extract::java::handler::practice;
use crate::extract::java::values::Scope;
use crate::extract::java::web::join;
use crate::sighting::{Endpoint, EntitySeen, Seen, TableSeen};
use crate::source::{Sightings, Source};

/// Entities, tables and exported repositories.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-entities",
    reads: code::reads,
    sees: &[Aspect::MoneyAsFloat, Aspect::CardData, Aspect::ResponseData, Aspect::ConcurrencyGuard],
    extract,
};

/// Annotations of stored classes with the arguments that name the table.
const ENTITIES: &[(&str, &[&str])] = &[
    ("Table", &["value", "name"]),
    ("Document", &["collection", "value", "collectionName", "indexName"]),
    ("Entity", &["name"]),
    ("Node", &["value", "labels"]),
    ("NodeEntity", &["label", "value"]),
    ("RedisHash", &["value"]),
    ("MongoEntity", &["collection"]),
    ("TableName", &["value"]),
    ("DynamoDBTable", &["tableName"]),
    ("DynamoDbBean", &[]),
    ("Container", &["containerName"]),
    ("MappedEntity", &["value"]),
];

/// Base interfaces of repositories. All but `Repository` can write.
const REPOSITORIES: &[&str] = &[
    "Repository",
    "CrudRepository",
    "PagingAndSortingRepository",
    "ListCrudRepository",
    "JpaRepository",
    "ListPagingAndSortingRepository",
    "MongoRepository",
    "ReactiveMongoRepository",
    "ReactiveCrudRepository",
    "ReactiveSortingRepository",
    "R2dbcRepository",
    "ElasticsearchRepository",
    "Neo4jRepository",
    "GraphRepository",
    "CassandraRepository",
    "ReactiveCassandraRepository",
    "CouchbaseRepository",
    "KeyValueRepository",
    "CosmosRepository",
    "PanacheRepository",
    "PanacheMongoRepository",
    "CoroutineCrudRepository",
    "BaseMapper",
    "RevisionRepository",
    "DynamoDBCrudRepository",
    "SolrCrudRepository",
    "GemfireRepository",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        entity(&code, class, out);
        money_and_cards(class, out);
        repository(&code, class, out);
        for method in &class.methods {
            statements(&code, class, method, out);
            writes(class, method, out);
        }
    }
}

fn entity(code: &Code, class: &Class, out: &mut Sightings) {
    if !has_any(
        &class.annotations,
        &[
            "Entity",
            "Document",
            "Node",
            "NodeEntity",
            "RedisHash",
            "MongoEntity",
            "Table",
            "TableName",
            "DynamoDBTable",
            "DynamoDbBean",
            "MappedEntity",
            "Container",
            "KeySpace",
        ],
    ) {
        return;
    }
    let scope = Scope::of(code, class);
    let table = ENTITIES.iter().find_map(|(name, keys)| {
        annotated(&class.annotations, name)?.arg(keys).and_then(|e| scope.value(e)).filter(|t| !t.is_empty())
    });
    let fields =
        class.fields.iter().filter(|f| !f.is_static && annotated(&f.annotations, "Transient").is_none());
    let fields: Vec<_> = fields.map(|f| (f.name.clone(), f.ty.clone(), f.line)).collect();
    out.span(class.line, class.last, Seen::Entity(EntitySeen { name: class.name.clone(), table, fields }));
    if let Some(version) = class.fields.iter().find(|f| annotated(&f.annotations, "Version").is_some()) {
        out.add(
            version.line,
            practice(Aspect::ConcurrencyGuard, State::Present, &class.name, "a version column"),
        );
    }
    for field in &class.fields {
        let name = field.name.to_ascii_lowercase();
        let secret = name.contains("password") || name == "secret" || name.contains("cvv");
        if secret && !hidden(class, field) {
            let subject = format!("{}.{}", class.name, field.name);
            out.add(
                field.line,
                practice(
                    Aspect::ResponseData,
                    State::Weak,
                    &subject,
                    "the field is part of every answer that holds this entity",
                ),
            );
        }
    }
}

/// Whether a field never leaves in an answer.
fn hidden(class: &Class, field: &Field) -> bool {
    let marks = ["JsonIgnore", "JsonbTransient", "XmlTransient"];
    let writes_only = |annotations: &[Annotation]| {
        annotated(annotations, "JsonProperty")
            .and_then(|p| p.arg(&["access"]))
            .and_then(Expr::name)
            .is_some_and(|n| n.ends_with("WRITE_ONLY"))
    };
    let getter = format!("get{}", field.name.to_ascii_lowercase());
    has_any(&field.annotations, &marks)
        || writes_only(&field.annotations)
        || class.methods.iter().any(|m| {
            m.name.to_ascii_lowercase() == getter
                && (has_any(&m.annotations, &marks) || writes_only(&m.annotations))
        })
        || annotated(&class.annotations, "JsonIgnoreProperties")
            .and_then(|a| a.arg(&["value"]))
            .is_some_and(|e| e.items().iter().any(|i| matches!(i, Expr::Text(t) if *t == field.name)))
}

/// Fields that hold an amount of money.
const MONEY: &[&str] = &[
    "price",
    "amount",
    "balance",
    "cost",
    "fee",
    "total",
    "salary",
    "payment",
    "unitprice",
    "totalprice",
    "totalamount",
    "money",
    "credit",
    "debit",
    "subtotal",
    "tax",
    "discount",
];

fn money_and_cards(class: &Class, out: &mut Sightings) {
    for field in class.fields.iter().filter(|f| !f.is_static) {
        let name = field.name.to_ascii_lowercase().replace('_', "");
        let subject = format!("{}.{}", class.name, field.name);
        if matches!(field.ty.as_str(), "double" | "float" | "Double" | "Float")
            && (MONEY.contains(&name.as_str())
                || name.ends_with("price")
                || name.ends_with("amount")
                || name.ends_with("balance"))
        {
            out.add(field.line, practice(Aspect::MoneyAsFloat, State::Present, &subject, &field.ty));
        }
        if matches!(
            name.as_str(),
            "cardnumber"
                | "cvv"
                | "cvc"
                | "cvv2"
                | "creditcardnumber"
                | "ccnum"
                | "ccnumber"
                | "cardcvv"
                | "securitycode"
                | "pan"
                | "cardno"
        ) {
            out.add(field.line, practice(Aspect::CardData, State::Present, &subject, &field.name));
        }
    }
}

/// The entity of a repository.
fn stored(class: &Class) -> Option<(&str, String)> {
    class.supers.iter().find_map(|s| {
        let base = simple(s);
        if !REPOSITORIES.contains(&base) {
            return None;
        }
        parameters(s).first().map(|p| (base, simple(p).to_owned()))
    })
}

fn repository(code: &Code, class: &Class, out: &mut Sightings) {
    let found = stored(class);
    if let Some((base, entity)) = &found {
        out.span(class.line, class.last, Seen::Table(TableSeen { table: entity.clone(), writes: false }));
        if *base == "Repository"
            && class.methods.iter().any(|m| m.name.starts_with("save") || m.name.starts_with("delete"))
        {
            out.span(class.line, class.last, Seen::Table(TableSeen { table: entity.clone(), writes: true }));
        }
        for method in class.methods.iter().filter(|m| has_any(&m.annotations, &["Lock"])) {
            out.add(
                method.line,
                practice(Aspect::ConcurrencyGuard, State::Present, entity, "rows are locked"),
            );
        }
    }
    exported(code, class, found.as_ref().map(|(_, e)| e.as_str()), out);
}

/// What Spring Data REST answers for a repository that is annotated for it.
fn exported(code: &Code, class: &Class, entity: Option<&str>, out: &mut Sightings) {
    let annotation = annotated(&class.annotations, "RepositoryRestResource")
        .or_else(|| annotated(&class.annotations, "RestResource"));
    let Some(annotation) = annotation.filter(|_| class.kind == Kind::Interface) else { return };
    let says_no = |a: &Annotation| matches!(a.arg(&["exported"]), Some(Expr::Literal(l)) if l == "false");
    if says_no(annotation) {
        return;
    }
    let scope = Scope::of(code, class);
    let path = annotation.arg(&["path"]).and_then(|e| scope.value(e));
    // A base path stands in the settings (`spring.data.rest.base-path`). The default is the entity's name with a small letter, in the plural.
    let Some(path) = path.or_else(|| entity.map(plural)) else { return };
    let endpoint = Endpoint { path: join("", &path), ..Endpoint::default() };
    out.span(annotation.line, class.last, Seen::Endpoint(endpoint));
}

/// The English plural that Spring Data REST takes: `Category` is `categories`.
pub(crate) fn plural(entity: &str) -> String {
    let mut name: String = entity.chars().take(1).flat_map(char::to_lowercase).collect();
    name.extend(entity.chars().skip(1));
    let before = name.chars().rev().nth(1);
    let vowel = before.is_some_and(|c| "aeiou".contains(c));
    if name.ends_with('y') && !vowel {
        name.pop();
        return name + "ies";
    }
    match name.as_str() {
        "person" => "people".to_owned(),
        "child" => "children".to_owned(),
        _ if name.ends_with('s')
            || name.ends_with('x')
            || name.ends_with("ch")
            || name.ends_with("sh")
            || name.ends_with('z') =>
        {
            name + "es"
        }
        _ => name + "s",
    }
}

/// Annotations that hold a statement.
const STATEMENTS: &[&str] = &[
    "Query",
    "Select",
    "Insert",
    "Update",
    "Delete",
    "NamedQuery",
    "NamedNativeQuery",
    "SqlQuery",
    "SqlUpdate",
];

/// Methods that take a statement.
const TAKE_SQL: &[&str] = &[
    "query",
    "queryForObject",
    "queryForList",
    "queryForMap",
    "update",
    "execute",
    "batchUpdate",
    "createNativeQuery",
    "prepareStatement",
    "executeQuery",
    "executeUpdate",
    "sql",
    "createQuery",
];

fn statements(code: &Code, class: &Class, method: &Method, out: &mut Sightings) {
    for annotation in method.annotations.iter().filter(|a| STATEMENTS.contains(&a.name.as_str())) {
        let sql = annotation.arg(&["value", "query"]).and_then(|e| Scope::of(code, class).value(e));
        for (table, writes) in sql.map(|s| tables(&s)).unwrap_or_default() {
            out.add(annotation.line, Seen::Table(TableSeen { table, writes }));
        }
    }
    for call in method.calls.iter().filter(|c| TAKE_SQL.contains(&c.name.as_str())) {
        let sql = call.args.first().and_then(|a| Scope::inside(code, class, method).value(a));
        for (table, writes) in sql.map(|s| tables(&s)).unwrap_or_default() {
            out.add(call.line, Seen::Table(TableSeen { table, writes }));
        }
    }
}

/// The tables of a statement with whether they are written.
fn tables(sql: &str) -> Vec<(String, bool)> {
    let words: Vec<&str> = sql
        .split(|c: char| c.is_whitespace() || c == ',' || c == '(' || c == ')' || c == ';')
        .filter(|w| !w.is_empty())
        .take(400)
        .collect();
    let first = words.first().map(|w| w.to_ascii_lowercase()).unwrap_or_default();
    if !matches!(first.as_str(), "select" | "insert" | "update" | "delete" | "with" | "merge") {
        return Vec::new();
    }
    let mut out: Vec<(String, bool)> = Vec::new();
    for pair in words.windows(2) {
        let [before, name] = pair else { continue };
        let writes = match before.to_ascii_lowercase().as_str() {
            "from" => first == "delete",
            "join" => false,
            "into" | "update" => true,
            _ => continue,
        };
        let name = name.trim_matches(['`', '"', '\'', '[', ']']);
        let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        let keyword =
            matches!(name.to_ascii_lowercase().as_str(), "select" | "set" | "where" | "values" | "lateral");
        if plain && !keyword && !out.iter().any(|(n, _)| n == name) {
            out.push((name.to_owned(), writes));
        }
    }
    out
}

/// Methods of repositories that write.
const WRITES: &[&str] = &[
    "save",
    "saveAll",
    "saveAndFlush",
    "insert",
    "delete",
    "deleteById",
    "deleteAll",
    "persist",
    "merge",
    "remove",
];

/// `orderRepository.save(...)` writes what `OrderRepository` stores.
fn writes(class: &Class, method: &Method, out: &mut Sightings) {
    for call in method.calls.iter().filter(|c| WRITES.contains(&c.name.as_str())) {
        let Some(ty) = call.receiver().and_then(|r| method.type_of(class, r)).map(simple) else { continue };
        let entity = ["Repository", "Repo", "Dao", "DAO", "Mapper"].iter().find_map(|s| ty.strip_suffix(s));
        if let Some(entity) = entity.filter(|e| !e.is_empty()) {
            out.add(call.line, Seen::Table(TableSeen { table: entity.to_owned(), writes: true }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{plural, tables};
    use crate::sighting::Seen;
    use crate::testing::{endpoints, practices, see};

    #[test]
    fn exported_repositories_are_endpoints() {
        let by_path =
            "@RepositoryRestResource(path = \"goods\") interface R extends CrudRepository<Item, Long> { }";
        assert_eq!(endpoints(&see("R.java", by_path)), ["* /goods"]);
        let hidden =
            "@RepositoryRestResource(exported = false) interface R extends CrudRepository<Item, Long> { }";
        assert!(endpoints(&see("R.java", hidden)).is_empty());
        assert_eq!(
            (plural("Category"), plural("OrderLine"), plural("Box")),
            ("categories".into(), "orderLines".into(), "boxes".into())
        );
    }

    #[test]
    fn entities_tables_and_money() {
        let text = "@Entity @Table(name = \"orders\") class Order { @Id Long id; private double price; private String password; @Version int version; }\n class S { OrderRepository repo; void go(Order o) { repo.save(o); jdbc.update(\"update stock set n = n - 1 where id = ?\"); } }";
        let seen = see("Order.java", text);
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Entity(e) if e.table.as_deref() == Some("orders") && e.fields.len() == 4)));
        let written: Vec<&str> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Table(t) if t.writes => Some(t.table.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(written, ["stock", "Order"]);
        assert_eq!(
            practices(&seen),
            [
                "ConcurrencyGuard Present Order",
                "ResponseData Weak Order.password",
                "MoneyAsFloat Present Order.price"
            ]
        );
        assert_eq!(
            tables("select * from a join b on a.x = b.x"),
            [("a".to_owned(), false), ("b".to_owned(), false)]
        );
    }
}
