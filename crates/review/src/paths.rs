//! Paths of files and of operations.

/// Whether a file is of Compose, which describes one machine and usually serves development.
pub(crate) fn is_compose(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains("compose"))
}

/// The path of an operation whose parameters have no names.
pub(crate) fn without_names(path: &str) -> String {
    path.split('/')
        .map(|p| if p.starts_with(['{', ':', '<']) { "{}" } else { p })
        .collect::<Vec<_>>()
        .join("/")
}
