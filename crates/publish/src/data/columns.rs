//! The columns of an entity: its fields and what every entity has.

use loadcase_model::{Entity, Field, FieldType, Id, OwnField, Part, Sensitivity};


/// What a column is to its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Identifier,
    Tenant,
    Plain,
}

/// A column, whatever the store.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Name of the field.
    pub(crate) name: String,
    pub(crate) kind: FieldType,
    pub(crate) role: Role,
    pub(crate) optional: bool,
    pub(crate) unique: bool,
    /// The entity it refers to.
    pub(crate) to: Option<Id>,
    pub(crate) values: Vec<String>,
    /// Whether the row goes with the one it refers to.
    pub(crate) owned: bool,
    /// The field it never exceeds.
    pub(crate) not_above: Option<Id>,
    /// Smallest and largest whole number.
    pub(crate) bounds: (Option<i64>, Option<i64>),
    pub(crate) sensitivity: Sensitivity,
    /// Whether the blueprint lists it; the others are implied.
    pub(crate) listed: bool,
}

impl Column {
    fn implied(name: &str, kind: FieldType, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            role,
            optional: false,
            unique: false,
            to: None,
            values: Vec::new(),
            owned: false,
            not_above: None,
            bounds: (None, None),
            sensitivity: Sensitivity::Internal,
            listed: false,
        }
    }

    fn listed(field: &Field, scoped: bool) -> Self {
        Self {
            name: field.name.as_str().to_owned(),
            kind: field.kind,
            role: if scoped && field.name == *TENANT { Role::Tenant } else { Role::Plain },
            optional: field.optional,
            unique: field.unique,
            to: field.to.clone(),
            values: field.values.clone(),
            owned: field.owned,
            not_above: field.not_above.clone(),
            bounds: (field.min, field.max),
            sensitivity: field.sensitivity,
            listed: true,
        }
    }

    /// What a request takes that no row has.
    pub(crate) fn sent(own: &OwnField) -> Self {
        Self {
            optional: own.optional,
            to: own.to.clone(),
            values: own.values.clone(),
            bounds: (own.min, own.max),
            listed: true,
            ..Self::implied(own.name.as_str(), own.kind, Role::Plain)
        }
    }

    /// The key a diagram marks.
    pub(crate) const fn key_mark(&self) -> &'static str {
        match (self.role, &self.to) {
            (Role::Identifier, _) => " PK",
            (Role::Tenant, _) | (_, Some(_)) => " FK",
            _ if self.unique => " UK",
            _ => "",
        }
    }

    /// Whether a caller may ever see it.
    pub(crate) const fn is_secret(&self) -> bool {
        matches!(self.sensitivity, Sensitivity::Secret | Sensitivity::Card)
    }
}

/// The column that says whose row it is.
pub(crate) const TENANT: &str = "tenant_id";

/// The column that says when a row was marked as deleted.
pub(crate) const DELETED: &str = "deleted_at";

/// Every column of an entity: identifier, tenant, fields, currency beside money, times.
pub(crate) fn columns(entity: &Entity) -> Vec<Column> {
    let has = |name: &str| entity.fields.iter().any(|f| f.name == *name);
    let mut columns = Vec::new();
    if !has("id") && entity.key.is_empty() {
        columns.push(Column::implied("id", FieldType::Id, Role::Identifier));
    }
    if entity.tenant_scoped && !has(TENANT) {
        let mut tenant = Column::implied(TENANT, FieldType::Ref, Role::Tenant);
        // What came in from outside is worked on before it is known whose it is.
        tenant.optional = entity.plays == Some(Part::Job);
        columns.push(tenant);
    }
    let mut seen = std::collections::BTreeSet::new();
    columns.extend(entity.fields.iter().filter(|f| seen.insert(&f.name)).map(|field| {
        let mut column = Column::listed(field, entity.tenant_scoped);
        if field.name == *"id" && entity.key.is_empty() {
            column.role = Role::Identifier;
        }
        column
    }));
    let of_kind = |kind| entity.fields.iter().any(|f| f.kind == kind);
    if of_kind(FieldType::Money) && !of_kind(FieldType::Currency) && !has("currency") {
        columns.push(Column::implied("currency", FieldType::Currency, Role::Plain));
    }
    // Rows that are only added and have a time in their key need no second one.
    let timed = entity.append_only
        && entity.fields.iter().any(|f| f.kind == FieldType::Timestamp && entity.key.contains(&f.name));
    if !has("created_at") && !timed {
        columns.push(Column::implied("created_at", FieldType::Timestamp, Role::Plain));
    }
    if !entity.append_only && !has("updated_at") {
        columns.push(Column::implied("updated_at", FieldType::Timestamp, Role::Plain));
    }
    if entity.soft_delete.is_some() && !has(DELETED) {
        columns
            .push(Column { optional: true, ..Column::implied(DELETED, FieldType::Timestamp, Role::Plain) });
    }
    columns
}

/// The word for a type in diagrams and tables.
pub(crate) const fn type_word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Id => "id",
        FieldType::Ref => "reference",
        FieldType::String => "string",
        FieldType::Text => "text",
        FieldType::Integer => "integer",
        FieldType::Decimal => "decimal",
        FieldType::Float => "float",
        FieldType::Money => "money",
        FieldType::Currency => "currency",
        FieldType::Boolean => "boolean",
        FieldType::Timestamp => "timestamp",
        FieldType::Date => "date",
        FieldType::Enum => "enum",
        FieldType::Json => "json",
        FieldType::Url => "url",
        FieldType::Email => "email",
        FieldType::Point => "point",
        FieldType::Bytes => "bytes",
    }
}

/// The word for a sensitivity.
pub(crate) const fn sensitivity_word(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Personal => "personal",
        Sensitivity::Special => "special category",
        Sensitivity::Financial => "financial",
        Sensitivity::Card => "card data",
        Sensitivity::Secret => "secret",
    }
}

/// Fields that hold card data, as `entity.field`.
pub(crate) fn card_fields(blueprint: &loadcase_model::Blueprint) -> Vec<String> {
    let entities = blueprint.entities.iter();
    entities
        .flat_map(|(id, e)| e.fields.iter().map(move |f| (id, f)))
        .filter(|(_, f)| f.sensitivity == Sensitivity::Card)
        .map(|(id, f)| format!("{id}.{}", f.name))
        .collect()
}
