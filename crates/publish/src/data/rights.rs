//! Who runs each statement on PostgreSQL, and what each role may therefore do with each table.

use loadcase_model::{AccessKind, OperationKind, Part, Sensitivity};

use super::physical::{OnDelete, Schema, Table, Use};
use super::statement::PatternRole;

/// What a role may do with a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) select: Columns,
    pub(crate) insert: bool,
    pub(crate) update: bool,
    pub(crate) delete: bool,
}

/// The columns that a role may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Columns {
    #[default]
    None,
    Some(Vec<String>),
    All,
}

impl Rights {
    fn all() -> Self {
        Self { select: Columns::All, insert: true, update: true, delete: true }
    }

    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }
}

impl Schema<'_> {
    /// The operations of a table's uses, with the use.
    fn uses_of(&self, table: &Table<'_>) -> impl Iterator<Item = &Use<'_>> {
        let id = table.id.clone();
        self.uses.iter().filter(move |u| self.tables[u.table].id == id)
    }

    /// Whether rows of a table are only added: an operation that changes them says otherwise.
    pub(crate) fn stays(&self, table: &Table<'_>) -> bool {
        let changed = |u: &Use<'_>| u.kind() == AccessKind::Update && u.operation.is_some();
        table.entity.append_only && !self.uses_of(table).any(changed)
    }

    /// Whether an operation removes rows of a table, such as an erasure.
    pub(crate) fn is_removed_from(&self, table: &Table<'_>) -> bool {
        self.uses_of(table).any(|u| u.kind() == AccessKind::Delete && u.operation.is_some())
    }

    /// Whether the removal of a row takes rows along that only grow otherwise.
    fn takes_kept_rows(&self, table: &Table<'_>) -> bool {
        let mut open: Vec<usize> = self.tables.iter().position(|t| t.id == table.id).into_iter().collect();
        let mut seen = open.clone();
        while let Some(at) = open.pop() {
            for (n, other) in self.tables.iter().enumerate() {
                let goes = other.references.iter().any(|r| r.to == at && r.on_delete == OnDelete::Cascade);
                if !goes || seen.contains(&n) {
                    continue;
                }
                if self.stays(other) && !self.is_removed_from(other) {
                    return true;
                }
                seen.push(n);
                open.push(n);
            }
        }
        false
    }

    /// Whether people of the house have a role of their own, for work on the rows of all tenants.
    pub(crate) fn has_staff(&self) -> bool {
        self.isolated
            && self.uses.iter().any(|u| u.staff)
            && self.tables.iter().any(|t| t.plays(Part::StaffAccess))
    }

    /// Who runs a statement: fellows of a tenant are read by their identifiers, all else on shared tables is not the
    /// work of a tenant; what only grows is removed by upkeep, unless somebody's request does it.
    pub(crate) fn runs(&self, used: &Use<'_>) -> PatternRole {
        let table = &self.tables[used.table];
        let kind = used.kind();
        let reads = matches!(kind, AccessKind::ReadOne | AccessKind::ReadMany);
        let fellows = reads && used.served.name() == Some(&table.key.name);
        let behind = used
            .operation
            .is_some_and(|(_, o)| matches!(o.kind, OperationKind::Job | OperationKind::Scheduled));
        match () {
            () if used.staff && self.has_staff() => PatternRole::Staff,
            () if used.maintenance || table.plays(Part::StaffAccess) => PatternRole::Maintenance,
            () if behind && kind == AccessKind::Delete && self.stays(table) => PatternRole::Maintenance,
            () if behind && self.finds_tenant(used) => PatternRole::Maintenance,
            () if self.asks_for_tenant(used) => PatternRole::Identity,
            () if !self.is_shared(table) || fellows || used.owned => PatternRole::Application,
            () if behind || used.operation.is_none() => PatternRole::Maintenance,
            () => PatternRole::Identity,
        }
    }

    /// What a role may do with a table.
    pub(crate) fn rights(&self, table: &Table<'_>, role: PatternRole) -> Rights {
        match role {
            PatternRole::Application => self.of_application(table),
            PatternRole::Maintenance => self.of_maintenance(table),
            PatternRole::Identity => self.of_identity(table),
            PatternRole::Staff => self.of_staff(table),
        }
    }

    fn does(&self, table: &Table<'_>, role: PatternRole, kind: AccessKind) -> bool {
        self.uses_of(table).any(|u| u.kind() == kind && self.runs(u) == role)
    }

    /// What the statements of a role do with a table; whoever adds a row is told its key.
    fn done(&self, table: &Table<'_>, role: PatternRole) -> Rights {
        let does = |kind| self.does(table, role, kind);
        let (insert, update, delete) =
            (does(AccessKind::Insert), does(AccessKind::Update), does(AccessKind::Delete));
        let reads =
            [AccessKind::ReadOne, AccessKind::ReadMany, AccessKind::Aggregate].map(does).contains(&true);
        let select = match () {
            () if reads || update || delete => Columns::All,
            () if insert => Columns::Some(table.key.columns.clone()),
            () => Columns::None,
        };
        Rights { select, insert, update, delete }
    }

    fn of_application(&self, table: &Table<'_>) -> Rights {
        let made_tenants = table.standing && table.entity.plays.is_none();
        let reads = Rights { select: Columns::All, ..Rights::default() };
        let removes = || self.does(table, PatternRole::Application, AccessKind::Delete);
        match () {
            () if table.plays(Part::StaffAccess) => Rights::default(),
            () if made_tenants => reads,
            // A policy hides rows, and no columns of the rows it shows.
            () if self.is_shared(table) => {
                let done = self.done(table, PatternRole::Application);
                let open = table.open_columns();
                let select =
                    if open.len() < table.columns.len() { Columns::Some(open) } else { Columns::All };
                if table.owner.is_some() { Rights { select, ..done } } else { Rights { select, ..reads } }
            }
            () if self.stays(table) => Rights { insert: true, delete: removes(), ..reads },
            () => Rights { delete: removes() || !self.takes_kept_rows(table), ..Rights::all() },
        }
    }

    fn of_maintenance(&self, table: &Table<'_>) -> Rights {
        if !self.stays(table) {
            return Rights::all();
        }
        let delete = self.does(table, PatternRole::Maintenance, AccessKind::Delete);
        Rights { update: false, delete, ..Rights::all() }
    }

    fn of_identity(&self, table: &Table<'_>) -> Rights {
        if !self.has_identity() || table.plays(Part::StaffAccess) {
            return Rights::default();
        }
        let asking = || self.uses_of(table).filter(|u| self.asks_for_tenant(u));
        if asking().next().is_some() {
            let named = |c: &&str| {
                let only = |u: &Use<'_>| u.equal.iter().chain(u.only.iter().map(|(c, _)| c)).any(|o| o == c);
                table.identifier().is_some_and(|id| id.name == **c) || asking().any(only)
            };
            let columns = table.columns.iter().map(|c| c.name.as_str()).filter(named);
            let select = Columns::Some(columns.map(str::to_owned).collect());
            return Rights { select, ..Rights::default() };
        }
        let mut found = match () {
            () if self.is_shared(table) => self.done(table, PatternRole::Identity),
            () if self.takes_work_of_nobody(table) => Rights { insert: true, ..Rights::default() },
            () => Rights::default(),
        };
        let looked_up = self.is_shared(table) && is_credential(table);
        if looked_up || self.isolated && self.tells_the_tenant(table) {
            found.select = Columns::All;
        }
        found
    }

    /// What its statements do, and what any change leaves behind in the same transaction.
    fn of_staff(&self, table: &Table<'_>) -> Rights {
        if !self.has_staff() {
            return Rights::default();
        }
        let mut found = self.done(table, PatternRole::Staff);
        let changes = self.uses.iter().any(|u| u.staff && u.operation.is_some_and(|(_, o)| changes(o)));
        let adds = table.plays(Part::StaffAccess)
            || changes && [Part::Job, Part::Outbox, Part::AuditLog].into_iter().any(|p| table.plays(p));
        let repeats = self.uses.iter().any(|u| u.staff && u.operation.is_some_and(|(_, o)| o.critical));
        if adds || repeats && table.plays(Part::IdempotencyKey) {
            found.insert = true;
        }
        if repeats && table.plays(Part::IdempotencyKey) {
            (found.select, found.update) = (Columns::All, true);
        }
        // The check that a posting sums to zero reads with the rights of whoever adds to it.
        let posts = self
            .tables
            .iter()
            .any(|t| t.plays(Part::LedgerEntry) && self.does(t, PatternRole::Staff, AccessKind::Insert));
        let books = table.plays(Part::LedgerEntry) || table.plays(Part::LedgerAccount);
        if table.plays(Part::StaffAccess) || posts && books {
            found.select = Columns::All;
        }
        found
    }
}

fn changes(operation: &loadcase_model::Operation) -> bool {
    operation
        .accesses
        .iter()
        .any(|a| matches!(a.kind, AccessKind::Insert | AccessKind::Update | AccessKind::Delete))
}

/// Whether rows are found by a secret that only their holder knows: a key, a session, an invitation.
fn is_credential(table: &Table<'_>) -> bool {
    table.columns.iter().any(|c| c.column.unique && c.column.sensitivity == Sensitivity::Secret)
}
