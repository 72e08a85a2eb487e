//! Pictures of a blueprint: boxes and arrows for terminals, Mermaid for documents.

pub(crate) mod ascii;
pub(crate) mod mermaid;
