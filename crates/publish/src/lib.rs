//! Designs become deliverables: terminal, Markdown, diagrams, contracts, schema, decision records.
