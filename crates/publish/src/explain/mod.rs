//! Explanations of everything the catalog knows.
