//! The project a C# file belongs to, and what its start says about all endpoints.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use crate::extract::dotnet::csharp::Code;
use crate::extract::dotnet::routes::{Group, group};
use crate::source::{Lines, Source};
use crate::syntax;

/// Most files of a project's start that are read.
const MOST: usize = 24;

/// The folder of the nearest project file above; the file's own folder when there is none.
pub(crate) fn folder<'a>(source: &Source<'a>) -> &'a str {
    let mut folder = source.folder();
    loop {
        if has_project(source, folder) {
            return folder;
        }
        match folder.rsplit_once('/') {
            Some((up, _)) => folder = up,
            None if !folder.is_empty() => folder = "",
            None => return source.folder(),
        }
    }
}

fn has_project(source: &Source<'_>, folder: &str) -> bool {
    source
        .tree
        .directly_in(folder)
        .any(|f| [".csproj", ".fsproj", ".vbproj"].iter().any(|e| f.path.ends_with(e)))
}

/// Texts of files, with their paths.
pub(crate) type Texts = Rc<Vec<(String, String)>>;

thread_local! {
    /// The start of the project that was read last: the files of a project are read one after the other.
    static LAST: RefCell<Option<(PathBuf, Texts)>> = const { RefCell::new(None) };
}

/// The texts of the files in which a project is put together: `Program.cs`, `Startup.cs`, extension classes.
pub(crate) fn start(source: &Source<'_>) -> Texts {
    let folder = folder(source);
    let key = source.tree.root.join(folder);
    LAST.with_borrow_mut(|last| match last {
        Some((known, texts)) if *known == key => Rc::clone(texts),
        _ => {
            let texts = Rc::new(read_start(source, folder));
            *last = Some((key, Rc::clone(&texts)));
            texts
        }
    })
}

fn read_start(source: &Source<'_>, folder: &str) -> Vec<(String, String)> {
    let is_start = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.strip_suffix(".cs").unwrap_or("");
        ["Program", "Startup"].contains(&stem)
            || ["Extension", "DependencyInjection", "Endpoint", "Routes", "Configuration", "Setup"]
                .iter()
                .any(|part| stem.contains(part))
    };
    let paths = source.tree.below(folder).map(|f| f.path.as_str()).filter(|p| is_start(p)).take(MOST);
    paths.filter_map(|p| source.read(p).map(|text| (p.to_owned(), text))).collect()
}

/// Whether the start of the project asks every caller who he is, unless told otherwise.
pub(crate) fn asks_everybody(start: &[(String, String)]) -> bool {
    start.iter().any(|(_, text)| {
        let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        ["FallbackPolicy=", "newAuthorizeFilter(", "SetFallbackPolicy("].iter().any(|p| dense.contains(p))
            || ["MapControllers().RequireAuthorization(", "MapDefaultControllerRoute().RequireAuthorization("]
                .iter()
                .any(|p| dense.contains(p))
    })
}

/// Whether the shared defaults of the repository's services (a project `ServiceDefaults`, as Aspire makes it) bound the
/// calls of every client that is registered.
pub(crate) fn bounded_by_defaults(source: &Source<'_>) -> bool {
    *source.tree.facts.bounded_by_defaults.get_or_init(|| {
        let files = source.tree.files.iter().map(|f| f.path.as_str());
        let defaults = files.filter(|p| p.ends_with(".cs") && p.contains("ServiceDefaults")).take(MOST);
        defaults
            .filter_map(|p| source.read(p))
            .any(|t| t.contains("ConfigureHttpClientDefaults") && t.contains("AddStandardResilienceHandler"))
    })
}

/// Where the endpoints of an extension method hang: the group on which other files of the project call it.
pub(crate) fn mounted(start: &[(String, String)], source: &Source<'_>, method: &str) -> Option<Group> {
    let wanted = format!(".{method}(");
    let (path, text) = start.iter().find(|(p, text)| p != source.path && text.contains(&wanted))?;
    let lines = Lines::new(text);
    let other = Source { path, text, lines: &lines, ..*source };
    let tree = syntax::parse(&tree_sitter_c_sharp::LANGUAGE.into(), text)?;
    let code = Code::new(&other, tree.root_node());
    let call = code.called(method).next()?;
    let mut found = call.receiver.map(|r| group(&code, r)).unwrap_or_default();
    for after in code.after(call.node) {
        match after.name {
            "RequireAuthorization" => found.asks = Some(true),
            "AllowAnonymous" => found.asks = Some(false),
            _ => {}
        }
    }
    Some(found)
}
